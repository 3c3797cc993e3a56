/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.pod;

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

    /** The kubelet's message for a missing object: {@code configmap "web" not found}. */
    public String notFound() {
        return switch (kind) {
            case ConfigMap -> "configmap \"" + name + "\" not found";
            case Secret -> "secret \"" + name + "\" not found";
        };
    }
}
