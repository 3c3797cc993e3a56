package io.jubelet.pod;

import java.util.HashMap;
import java.util.Map;
import java.util.Objects;

/**
 * A ConfigMap of this node.
 *
 * @param namespace a DNS label, never empty
 * @param name a DNS subdomain
 * @param immutable whether its content stays as it is until it is removed
 * @param data texts by key; the only ones that variables can have
 * @param binaryData bytes by key, none of them a key of {@code data}
 */
public record ConfigMap(
        String namespace, String name, boolean immutable, Map<String, String> data, Map<String, Bytes> binaryData)
        implements ConfigObject {

    public ConfigMap {
        Objects.requireNonNull(namespace, "namespace");
        Objects.requireNonNull(name, "name");
        data = Map.copyOf(data);
        binaryData = Map.copyOf(binaryData);
    }

    @Override
    public String kind() {
        return "ConfigMap";
    }

    @Override
    public Map<String, Bytes> files() {
        Map<String, Bytes> files = new HashMap<>(binaryData);
        data.forEach((key, text) -> files.put(key, Bytes.of(text)));
        return Map.copyOf(files);
    }

    /** Its title alone: what it says may be long, or nobody's business. */
    @Override
    public String toString() {
        return title();
    }
}
