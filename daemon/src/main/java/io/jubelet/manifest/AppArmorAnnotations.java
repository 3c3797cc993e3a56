/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.manifest;

import io.jubelet.document.FieldReader;
import io.jubelet.document.Node;
import io.jubelet.pod.ContainerSpec;
import io.jubelet.pod.PodSpec;
import io.jubelet.pod.Profile;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Validates the annotations for AppArmor profiles of containers, which predate the fields for them. */
final class AppArmorAnnotations {

    private static final String PREFIX = "container.apparmor.security.beta.kubernetes.io/";
    private static final String LOCALHOST = "localhost/";

    private AppArmorAnnotations() {}

    static void check(FieldReader metadata, PodSpec spec) {
        for (Node.Entry entry : metadata.entries("annotations")) {
            if (entry.key().startsWith(PREFIX) && entry.value() instanceof Node.Scalar scalar) {
                String error = error(spec, entry.key().substring(PREFIX.length()), scalar.value());
                if (error != null) {
                    metadata.findings()
                            .error(
                                    entry.line(),
                                    entry.column(),
                                    metadata.path("annotations") + "." + entry.key(),
                                    error);
                }
            }
        }
    }

    private static @Nullable String error(PodSpec spec, String name, String value) {
        Optional<ContainerSpec> container = spec.container(name);
        if (container.isEmpty()) {
            return "this pod has no container \"" + name + "\"";
        }
        boolean local = value.startsWith(LOCALHOST);
        if (!local && !value.isEmpty() && !value.equals("runtime/default") && !value.equals("unconfined")) {
            return "must be runtime/default, unconfined, or localhost/ followed by the name of a profile, but is \""
                    + value + "\"";
        }
        if (local && value.substring(LOCALHOST.length()).isBlank()) {
            return "must name a profile after localhost/";
        }
        Optional<Profile> field = container.get().security().profiles().appArmor();
        boolean same = field.isEmpty()
                || switch (field.get()) {
                    case Profile.RuntimeDefault _ -> value.equals("runtime/default");
                    case Profile.Unconfined _ -> value.equals("unconfined");
                    case Profile.Localhost localhost -> value.equals(LOCALHOST + localhost.name());
                };
        return same ? null : "must name the same profile as appArmorProfile; leave out one of them";
    }
}
