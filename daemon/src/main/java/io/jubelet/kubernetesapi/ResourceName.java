/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.kubernetesapi;

import java.util.Objects;
import java.util.Optional;

/**
 * Identifies an object among those of its kind. The order is that of lists.
 *
 * @param namespace empty for an object of the cluster
 */
record ResourceName(Optional<String> namespace, String name) implements Comparable<ResourceName> {

    ResourceName {
        Objects.requireNonNull(namespace, "namespace");
        Objects.requireNonNull(name, "name");
    }

    static ResourceName in(String namespace, String name) {
        return new ResourceName(Optional.of(namespace), name);
    }

    static ResourceName ofCluster(String name) {
        return new ResourceName(Optional.empty(), name);
    }

    /** {@code namespace/name}, or the name of an object of the cluster. */
    String path() {
        return namespace.map(space -> space + "/" + name).orElse(name);
    }

    @Override
    public int compareTo(ResourceName other) {
        int byNamespace = namespace.orElse("").compareTo(other.namespace.orElse(""));
        return byNamespace != 0 ? byNamespace : name.compareTo(other.name);
    }
}
