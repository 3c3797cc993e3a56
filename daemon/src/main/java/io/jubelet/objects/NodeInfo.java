/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.objects;

import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;

/**
 * The node and the daemon, as the API shows them.
 *
 * @param name the name of the node
 * @param addresses the present addresses of the node, the primary first; may be empty
 * @param version the version of Jubelet
 */
public record NodeInfo(String name, Supplier<List<String>> addresses, String version) {

    public NodeInfo {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(addresses, "addresses");
        Objects.requireNonNull(version, "version");
    }

    /** A node whose addresses do not change. */
    public NodeInfo(String name, List<String> ips, String version) {
        this(name, () -> ips, version);
    }

    /** The addresses of the node, the primary first; may be empty. */
    public List<String> ips() {
        return addresses.get();
    }
}
