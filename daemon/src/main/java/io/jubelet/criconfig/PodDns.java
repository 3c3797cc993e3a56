/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.criconfig;

import io.jubelet.cri.PodSandboxConfig.DNSConfig;
import io.jubelet.node.ResolvConf;
import io.jubelet.pod.Pod;
import io.jubelet.pod.PodNetwork;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The resolv.conf of a pod, as the kubelet composes it. Pure.
 *
 * <p>Source: the Kubernetes page on DNS for services and pods; where that is silent, the kubelet.
 *
 * @param config for the runtime, which writes the file
 * @param warnings what the user should know about it
 */
public record PodDns(DNSConfig config, List<Warning> warnings) {

    private static final int MAX_SERVERS = 3;
    private static final int MAX_SEARCHES = 32;
    private static final int MAX_SEARCH = 253;
    private static final int MAX_SEARCH_CHARACTERS = 2048;

    private static final String LIMITED = "DNSConfigForming";

    /**
     * A warning for the user.
     *
     * @param reason the kubelet's reason for the event
     */
    public record Warning(String reason, String message) {}

    public PodDns {
        warnings = List.copyOf(warnings);
    }

    /** Whether the resolv.conf of a pod depends on that of the node. */
    public static boolean usesHost(Pod pod) {
        return pod.spec().network().dnsPolicy() != PodNetwork.DnsPolicy.None;
    }

    /**
     * The resolv.conf of a pod.
     *
     * @param host the resolv.conf of the node; empty if pods must inherit nothing. Unused unless
     *     {@link #usesHost}
     */
    public static PodDns of(Pod pod, Optional<ResolvConf> host, NodeProfile node) {
        List<Warning> warnings = new ArrayList<>();
        DNSConfig base = base(pod, host, node, warnings);
        PodNetwork.Dns own = pod.spec().network().dns();
        List<String> servers = distinct(base.servers(), own.servers());
        List<String> searches = distinct(base.searches(), own.searches());
        return new PodDns(
                new DNSConfig(
                        limitedServers(servers, warnings),
                        limitedSearches(searches, warnings),
                        options(base.options(), own.options())),
                warnings);
    }

    private static DNSConfig base(Pod pod, Optional<ResolvConf> host, NodeProfile node, List<Warning> warnings) {
        return switch (pod.spec().network().dnsPolicy()) {
            case None -> new DNSConfig(List.of(), List.of(), List.of());
            case Default -> ofNode(host, node);
            case ClusterFirst -> pod.spec().hostNetwork() ? ofNode(host, node) : ofCluster(pod, host, node, warnings);
            case ClusterFirstWithHostNet -> ofCluster(pod, host, node, warnings);
        };
    }

    private static DNSConfig ofCluster(Pod pod, Optional<ResolvConf> host, NodeProfile node, List<Warning> warnings) {
        ClusterDns cluster = node.dns();
        if (cluster.servers().isEmpty()) {
            // The kubelet warns about every pod. Without a cluster, only an explicit dnsPolicy
            // deserves a warning.
            pod.spec()
                    .network()
                    .declaredDnsPolicy()
                    .ifPresent(_ -> warnings.add(new Warning(
                            "MissingClusterDNS",
                            "pod: \"" + pod.fullName() + "_" + pod.name().namespace() + "(" + pod.uid()
                                    + ")\". kubelet does not have ClusterDNS IP configured and cannot create Pod using"
                                    + " \"ClusterFirst\" policy. Falling back to \"Default\" policy.")));
            return ofNode(host, node);
        }
        List<String> searches = host.map(ResolvConf::searches).orElse(List.of());
        if (cluster.domain().isPresent()) {
            String domain = cluster.domain().get();
            String services = "svc." + domain;
            searches = distinct(List.of(pod.name().namespace() + "." + services, services, domain), searches);
        }
        return new DNSConfig(cluster.servers(), searches, List.of("ndots:5"));
    }

    /**
     * Without a resolv.conf of the node, the pod itself is the name server, because nothing outside
     * can be resolved.
     */
    private static DNSConfig ofNode(Optional<ResolvConf> host, NodeProfile node) {
        if (host.isPresent()) {
            return new DNSConfig(
                    host.get().servers(), host.get().searches(), host.get().options());
        }
        List<String> servers = node.ips().stream()
                .map(ip -> ip.contains(":") ? "::1" : "127.0.0.1")
                .toList();
        return new DNSConfig(servers.isEmpty() ? List.of("127.0.0.1") : servers, List.of("."), List.of());
    }

    private static List<String> distinct(List<String> first, List<String> more) {
        return List.copyOf(
                new LinkedHashSet<>(Stream.concat(first.stream(), more.stream()).toList()));
    }

    /** An option of the pod replaces the option of that name in the base. */
    private static List<String> options(List<String> base, List<PodNetwork.Dns.Option> own) {
        Map<String, String> options = new LinkedHashMap<>();
        for (String option : base) {
            options.put(option.split(":", 2)[0], option);
        }
        for (PodNetwork.Dns.Option option : own) {
            String value = option.value().orElse("");
            options.put(option.name(), value.isEmpty() ? option.name() : option.name() + ":" + value);
        }
        return List.copyOf(options.values());
    }

    // --- limits of resolvers

    private static List<String> limitedServers(List<String> servers, List<Warning> warnings) {
        if (servers.size() <= MAX_SERVERS) {
            return servers;
        }
        List<String> limited = servers.subList(0, MAX_SERVERS);
        warnings.add(new Warning(
                LIMITED,
                "Nameserver limits were exceeded, some nameservers have been omitted, the applied nameserver line is: "
                        + String.join(" ", limited)));
        return limited;
    }

    private static List<String> limitedSearches(List<String> searches, List<Warning> warnings) {
        List<String> limited = new ArrayList<>(searches.stream()
                .limit(MAX_SEARCHES)
                .filter(search -> search.length() <= MAX_SEARCH)
                .toList());
        while (String.join(" ", limited).length() > MAX_SEARCH_CHARACTERS) {
            limited.removeLast();
        }
        if (limited.size() < searches.size()) {
            warnings.add(new Warning(
                    LIMITED,
                    "Search Line limits were exceeded, some search paths have been omitted, the applied search line is: "
                            + String.join(" ", limited)));
        }
        return limited;
    }
}
