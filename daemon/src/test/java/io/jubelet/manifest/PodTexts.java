/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.manifest;

/** Manifests for tests. */
public final class PodTexts {

    private PodTexts() {}

    public static String pod(String name, String image) {
        return """
                apiVersion: v1
                kind: Pod
                metadata: {name: %s}
                spec:
                  containers:
                  - name: app
                    image: %s
                """.formatted(name, image);
    }

    /** A pod with one more line in metadata, spec or its container. */
    static String with(String place, String line) {
        return switch (place) {
            case "metadata" ->
                pod("web", "busybox").replace("metadata: {name: web}", "metadata:\n  " + line + "\n  name: web");
            case "spec" -> pod("web", "busybox").replace("spec:\n", "spec:\n  " + line + "\n");
            case "container" -> pod("web", "busybox") + "    " + line + "\n";
            default -> throw new IllegalArgumentException(place);
        };
    }
}
