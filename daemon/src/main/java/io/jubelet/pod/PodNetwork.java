/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.pod;

import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * The host name of a pod, and its DNS configuration. Whether it has its own network namespace is in
 * {@link PodSpec#hostNetwork}.
 *
 * @param hostname a DNS label; empty for the name of the pod
 * @param subdomain a DNS label; empty for none
 * @param hostnameAsFqdn whether the host name in the kernel includes subdomain and cluster domain
 * @param hostnameOverride a DNS subdomain of at most 64 characters that replaces all other host names
 * @param declaredDnsPolicy as written; empty for the default
 * @param dns name servers, search domains and options of the pod
 * @param hostAliases additional lines of /etc/hosts, in the order of the manifest
 */
public record PodNetwork(
        String hostname,
        String subdomain,
        boolean hostnameAsFqdn,
        Optional<String> hostnameOverride,
        Optional<DnsPolicy> declaredDnsPolicy,
        Dns dns,
        List<HostAlias> hostAliases) {

    /** The v1 defaults. */
    public static final PodNetwork DEFAULT =
            new PodNetwork("", "", false, Optional.empty(), Optional.empty(), Dns.NONE, List.of());

    /** Where the name servers of a pod come from. */
    public enum DnsPolicy {
        /** From the cluster, if the cluster has any and the pod does not use the host network. */
        ClusterFirst,
        /** From the cluster, if the cluster has any. */
        ClusterFirstWithHostNet,
        /** From the node. */
        Default,
        /** From the pod alone. */
        None
    }

    /**
     * The part of resolv.conf that the pod itself configures.
     *
     * @param servers IP addresses
     * @param searches domains
     * @param options with duplicates, as written
     */
    public record Dns(List<String> servers, List<String> searches, List<Option> options) {

        public static final Dns NONE = new Dns(List.of(), List.of(), List.of());

        /** An option of the resolver; {@code ndots:2} has a value, {@code edns0} has none. */
        public record Option(String name, Optional<String> value) {
            public Option {
                Objects.requireNonNull(name, "name");
                Objects.requireNonNull(value, "value");
            }
        }

        public Dns {
            servers = List.copyOf(servers);
            searches = List.copyOf(searches);
            options = List.copyOf(options);
        }
    }

    /** A line of /etc/hosts. */
    public record HostAlias(String ip, List<String> hostnames) {
        public HostAlias {
            Objects.requireNonNull(ip, "ip");
            hostnames = List.copyOf(hostnames);
        }
    }

    public PodNetwork {
        Objects.requireNonNull(hostname, "hostname");
        Objects.requireNonNull(subdomain, "subdomain");
        Objects.requireNonNull(hostnameOverride, "hostnameOverride");
        Objects.requireNonNull(declaredDnsPolicy, "declaredDnsPolicy");
        Objects.requireNonNull(dns, "dns");
        hostAliases = List.copyOf(hostAliases);
    }

    /** The policy, with the v1 default. */
    public DnsPolicy dnsPolicy() {
        return declaredDnsPolicy.orElse(DnsPolicy.ClusterFirst);
    }
}
