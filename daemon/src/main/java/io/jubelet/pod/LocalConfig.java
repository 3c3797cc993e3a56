/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.pod;

import java.util.Map;
import java.util.Optional;

/**
 * All ConfigMaps and Secrets of this node at one moment. Immutable.
 *
 * @param configMaps by namespace and name
 * @param secrets by namespace and name
 */
public record LocalConfig(Map<Key, ConfigMap> configMaps, Map<Key, Secret> secrets) {

    /** Namespace and name. */
    public record Key(String namespace, String name) {}

    public static final LocalConfig NONE = new LocalConfig(Map.of(), Map.of());

    public LocalConfig {
        configMaps = Map.copyOf(configMaps);
        secrets = Map.copyOf(secrets);
    }

    /** The ConfigMap with a name; empty when this node has none. */
    public Optional<ConfigMap> configMap(String namespace, String name) {
        return Optional.ofNullable(configMaps.get(new Key(namespace, name)));
    }

    /** The Secret with a name; empty when this node has none. */
    public Optional<Secret> secret(String namespace, String name) {
        return Optional.ofNullable(secrets.get(new Key(namespace, name)));
    }
}
