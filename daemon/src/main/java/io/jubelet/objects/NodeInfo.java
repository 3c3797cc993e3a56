/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.objects;

import java.util.List;
import java.util.Objects;

/**
 * The node and the daemon, as the API shows them.
 *
 * @param name the name of the node
 * @param ips the addresses of the node, the primary first; may be empty
 * @param version the version of Jubelet
 */
public record NodeInfo(String name, List<String> ips, String version) {

    public NodeInfo {
        Objects.requireNonNull(name, "name");
        ips = List.copyOf(ips);
        Objects.requireNonNull(version, "version");
    }
}
