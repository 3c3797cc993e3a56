package io.jubelet.pod;

import java.util.Objects;

/**
 * Names a ConfigMap or Secret of the pod's own namespace.
 *
 * @param name a DNS subdomain
 * @param optional whether the pod does without it, or without a key of it
 */
public record ConfigRef(Kind kind, String name, boolean optional) {

    /** Spelt as in the API. */
    public enum Kind {
        ConfigMap,
        Secret
    }

    public ConfigRef {
        Objects.requireNonNull(kind, "kind");
        Objects.requireNonNull(name, "name");
    }

    /** As the kubelet says that there is none: {@code configmap "web" not found}. */
    public String notFound() {
        return switch (kind) {
            case ConfigMap -> "configmap \"" + name + "\" not found";
            case Secret -> "secret \"" + name + "\" not found";
        };
    }
}
