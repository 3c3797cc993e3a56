/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.pod;

import java.util.Locale;
import java.util.Objects;

/**
 * A reference to a ConfigMap or Secret in the namespace of the pod.
 *
 * @param name a DNS subdomain
 * @param optional whether the pod starts although the object, or a key of it, is missing
 */
public record ConfigRef(Kind kind, String name, boolean optional) {

    /** Spelled as in the API. */
    public enum Kind {
        ConfigMap,
        Secret
    }

    public ConfigRef {
        Objects.requireNonNull(kind, "kind");
        Objects.requireNonNull(name, "name");
    }

    /**
     * The kubelet's message for a missing object, such as {@code configmap "web" not found}, and where to write the object.
     *
     * @param pod that refers to it
     * @param key that the pod needs; empty for all
     */
    public String notFound(Pod pod, String key) {
        String source = pod.manifest().source();
        String directory = source.substring(0, Math.max(0, source.lastIndexOf('/')));
        boolean secret = kind == Kind.Secret;
        return kind.name().toLowerCase(Locale.ROOT) + " \"" + name + "\" not found: write it to a file in "
                + (directory.isEmpty() ? "the manifest directory" : directory) + (secret ? " with mode 0600" : "")
                + ", such as {apiVersion: v1, kind: " + kind + ", metadata: {name: " + name + ", namespace: "
                + pod.name().namespace() + "}, " + (secret ? "stringData" : "data") + ": {"
                + (key.isEmpty() ? "KEY" : key) + ": value}}";
    }
}
