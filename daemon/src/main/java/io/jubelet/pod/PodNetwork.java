package io.jubelet.pod;

import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * What a pod says of its names and of how it resolves those of others. Whether it has a network of
 * its own is said by {@link PodSpec#hostNetwork}.
 *
 * @param hostname a DNS label; empty: the name of the pod
 * @param subdomain a DNS label; empty for none
 * @param hostnameAsFqdn whether the kernel's host name is the one with subdomain and cluster domain
 * @param hostnameOverride a DNS subdomain of at most 64 characters that is the host name whatever
 *     else is said
 * @param dnsPolicyAskedFor where name servers come from; empty when the pod does not say
 * @param dns what is added to them
 * @param hostAliases further lines of /etc/hosts, in the order of the manifest
 */
public record PodNetwork(
        String hostname,
        String subdomain,
        boolean hostnameAsFqdn,
        Optional<String> hostnameOverride,
        Optional<DnsPolicy> dnsPolicyAskedFor,
        Dns dns,
        List<HostAlias> hostAliases) {

    /** A pod that says nothing. */
    public static final PodNetwork DEFAULT =
            new PodNetwork("", "", false, Optional.empty(), Optional.empty(), Dns.NONE, List.of());

    /** Where the name servers of a pod come from. */
    public enum DnsPolicy {
        /** From the cluster, if it has any and the pod is not on the network of the node. */
        ClusterFirst,
        /** From the cluster, if it has any. */
        ClusterFirstWithHostNet,
        /** From the node. */
        Default,
        /** From the pod alone. */
        None
    }

    /**
     * A pod's own part of its resolv.conf.
     *
     * @param servers IP addresses
     * @param searches domains
     * @param options each name as often as it is written
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
        Objects.requireNonNull(dnsPolicyAskedFor, "dnsPolicyAskedFor");
        Objects.requireNonNull(dns, "dns");
        hostAliases = List.copyOf(hostAliases);
    }

    /** Where name servers come from. */
    public DnsPolicy dnsPolicy() {
        return dnsPolicyAskedFor.orElse(DnsPolicy.ClusterFirst);
    }
}
