/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.criconfig;

import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * The DNS service of the cluster that this node belongs to.
 *
 * @param servers IP addresses of its name servers; empty if there is none
 * @param domain the domain of the cluster, such as {@code cluster.local}; empty if there is none
 */
public record ClusterDns(List<String> servers, Optional<String> domain) {

    /** A node without a cluster. */
    public static final ClusterDns NONE = new ClusterDns(List.of(), Optional.empty());

    public ClusterDns {
        servers = List.copyOf(servers);
        Objects.requireNonNull(domain, "domain");
    }
}
