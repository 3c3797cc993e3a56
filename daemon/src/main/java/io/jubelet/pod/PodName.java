/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.pod;

import java.util.Objects;

/**
 * Namespace and name of a pod as written in its manifest. Each pod worker has one such key.
 *
 * <p>The name carries no node suffix; see {@link #onNode(String)}.
 *
 * @param namespace a DNS label, never empty ({@code default} when the manifest names none)
 * @param name a DNS subdomain, never empty
 */
public record PodName(String namespace, String name) implements Comparable<PodName> {

    public PodName {
        Objects.requireNonNull(namespace, "namespace");
        Objects.requireNonNull(name, "name");
    }

    /** The name of the pod on the runtime and in the API, {@code <name>-<node>} as in the kubelet. */
    public String onNode(String node) {
        return name + "-" + node;
    }

    // Written out: this is the key of most maps, and linking the methods that the JVM generates for records would delay
    // the first pod.

    @Override
    public boolean equals(Object other) {
        return other instanceof PodName that && name.equals(that.name) && namespace.equals(that.namespace);
    }

    @Override
    public int hashCode() {
        return 31 * namespace.hashCode() + name.hashCode();
    }

    @Override
    public int compareTo(PodName other) {
        int byNamespace = namespace.compareTo(other.namespace);
        return byNamespace != 0 ? byNamespace : name.compareTo(other.name);
    }

    /** {@code namespace/name}, as users write it. */
    @Override
    public String toString() {
        return namespace + "/" + name;
    }
}
