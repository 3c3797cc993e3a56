package io.jubelet.pod;

import java.util.Map;
import java.util.Objects;

/**
 * A Secret of this node. Its values appear in no text made of it.
 *
 * @param namespace a DNS label, never empty
 * @param name a DNS subdomain
 * @param type such as {@code Opaque} or {@code kubernetes.io/dockerconfigjson}; never empty
 * @param immutable whether its content stays as it is until it is removed
 * @param data bytes by key, decoded; what {@code stringData} says has replaced what {@code data} said
 */
public record Secret(String namespace, String name, String type, boolean immutable, Map<String, Bytes> data)
        implements ConfigObject {

    public Secret {
        Objects.requireNonNull(namespace, "namespace");
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(type, "type");
        data = Map.copyOf(data);
    }

    @Override
    public String kind() {
        return "Secret";
    }

    @Override
    public Map<String, Bytes> files() {
        return data;
    }

    /** Its title alone. */
    @Override
    public String toString() {
        return title();
    }
}
