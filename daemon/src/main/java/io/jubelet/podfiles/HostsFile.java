/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.podfiles;

import io.jubelet.pod.Pod;
import io.jubelet.pod.PodNetwork.HostAlias;
import java.util.List;
import java.util.Optional;

/** Composes the hosts file of a pod as the kubelet does. Pure. */
public final class HostsFile {

    private HostsFile() {}

    /**
     * The hosts file of a pod with a network of its own.
     *
     * @param podIps IP addresses of the pod, the primary one first; may be empty
     * @param clusterDomain such as {@code cluster.local}; empty if there is none
     */
    public static String of(Pod pod, List<String> podIps, Optional<String> clusterDomain) {
        StringBuilder out = new StringBuilder("""
                # Kubernetes-managed hosts file.
                127.0.0.1\tlocalhost
                ::1\tlocalhost ip6-localhost ip6-loopback
                fe00::0\tip6-localnet
                fe00::0\tip6-mcastprefix
                fe00::1\tip6-allnodes
                fe00::2\tip6-allrouters
                """);
        HostName host = HostName.of(pod, clusterDomain);
        String names = host.domain().isEmpty() ? host.name() : host.withDomain() + "\t" + host.name();
        podIps.forEach(ip -> out.append(ip).append('\t').append(names).append('\n'));
        return aliases(out, pod);
    }

    /** The hosts file of a pod on the network of the node, based on that of the node. */
    static String onHostNetwork(Pod pod, String hostsOfNode) {
        return aliases(new StringBuilder("# Kubernetes-managed hosts file (host network).\n").append(hostsOfNode), pod);
    }

    private static String aliases(StringBuilder out, Pod pod) {
        List<HostAlias> aliases = pod.spec().network().hostAliases();
        if (!aliases.isEmpty()) {
            out.append("\n# Entries added by HostAliases.\n");
        }
        for (HostAlias alias : aliases) {
            out.append(alias.ip())
                    .append('\t')
                    .append(String.join("\t", alias.hostnames()))
                    .append('\n');
        }
        return out.toString();
    }
}
