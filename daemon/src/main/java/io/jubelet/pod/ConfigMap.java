/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.pod;

import java.util.HashMap;
import java.util.Map;
import java.util.Objects;

/**
 * A ConfigMap of this node.
 *
 * @param namespace a DNS label, never empty
 * @param name a DNS subdomain
 * @param immutable whether a change of its content is refused
 * @param data strings by key; only these can be the value of a variable
 * @param binaryData bytes by key; no key is also in {@code data}
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

    /** The title alone, because the content might be long or confidential. */
    @Override
    public String toString() {
        return title();
    }
}
