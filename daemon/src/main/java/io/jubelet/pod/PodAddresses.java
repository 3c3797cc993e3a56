/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.pod;

import java.util.ArrayList;
import java.util.List;

/** Orders the addresses of a pod. Pure. */
public final class PodAddresses {

    private PodAddresses() {}

    /**
     * At most one IPv4 and one IPv6 address, starting with the address family of the node.
     *
     * @param all as the runtime reports them
     * @param nodeIps addresses of the node, the primary first; when empty, IPv4 is first
     */
    public static List<String> ordered(List<String> all, List<String> nodeIps) {
        boolean six = !nodeIps.isEmpty() && isSix(nodeIps.getFirst());
        List<String> ordered = new ArrayList<>(2);
        for (boolean family : new boolean[] {six, !six}) {
            all.stream().filter(ip -> isSix(ip) == family).findFirst().ifPresent(ordered::add);
        }
        return ordered;
    }

    private static boolean isSix(String ip) {
        return ip.indexOf(':') >= 0;
    }
}
