/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.pod;

import java.util.Map;
import java.util.Objects;

/**
 * A Secret of this node. Its {@code toString} never shows a value.
 *
 * @param namespace a DNS label, never empty
 * @param name a DNS subdomain
 * @param type such as {@code Opaque} or {@code kubernetes.io/dockerconfigjson}; never empty
 * @param immutable whether a change of its content is refused
 * @param data decoded bytes by key; {@code stringData} has replaced equal keys of {@code data}
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

    /** The title alone. */
    @Override
    public String toString() {
        return title();
    }
}
