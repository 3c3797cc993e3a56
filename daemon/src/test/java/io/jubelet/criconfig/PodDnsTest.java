/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.criconfig;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.cri.PodSandboxConfig.DNSConfig;
import io.jubelet.node.ResolvConf;
import io.jubelet.pod.Pod;
import io.jubelet.pod.PodNetwork;
import io.jubelet.pod.PodNetwork.Dns;
import io.jubelet.pod.PodNetwork.DnsPolicy;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The resolv.conf of a pod, compared with what the kubelet composes. */
class PodDnsTest {

    private static final ResolvConf HOST =
            new ResolvConf(List.of("192.0.2.53"), List.of("example.org"), List.of("ndots:2", "rotate"));
    private static final ClusterDns CLUSTER = new ClusterDns(List.of("10.0.0.10"), Optional.of("cluster.local"));
    private static final DNSConfig AS_NODE = new DNSConfig(HOST.servers(), HOST.searches(), HOST.options());
    private static final DNSConfig OF_CLUSTER = new DNSConfig(
            List.of("10.0.0.10"),
            List.of("default.svc.cluster.local", "svc.cluster.local", "cluster.local", "example.org"),
            List.of("ndots:5"));

    private static Pod pod(DnsPolicy policy, Dns dns) {
        return Pods.with(
                Pods.pod(List.of(), Pods.shell("app", "true")),
                spec -> spec.network(
                        new PodNetwork("", "", false, Optional.empty(), Optional.ofNullable(policy), dns, List.of())));
    }

    private static PodDns of(DnsPolicy policy, ClusterDns cluster) {
        return of(pod(policy, Dns.NONE), cluster);
    }

    private static PodDns of(Pod pod, ClusterDns cluster) {
        return PodDns.of(pod, Optional.of(HOST), node(cluster));
    }

    private static NodeProfile node(ClusterDns cluster, String... ips) {
        return new NodeProfile(Pods.NODE, List.of(ips), cluster, NodeProfile.Cgroups.BASIC, 0, List.of());
    }

    private static List<String> reasons(PodDns dns) {
        return dns.warnings().stream().map(PodDns.Warning::reason).toList();
    }

    @Test
    void onlyPolicyNoneIgnoresTheFileOfTheNode() {
        assertFalse(PodDns.usesHost(pod(DnsPolicy.None, Dns.NONE)));
        for (DnsPolicy policy : List.of(DnsPolicy.Default, DnsPolicy.ClusterFirst, DnsPolicy.ClusterFirstWithHostNet)) {
            assertTrue(PodDns.usesHost(pod(policy, Dns.NONE)), policy.name());
        }
        assertEquals(
                of(DnsPolicy.None, CLUSTER), PodDns.of(pod(DnsPolicy.None, Dns.NONE), Optional.empty(), node(CLUSTER)));
    }

    @Test
    void thePolicySelectsTheNameServers() {
        assertEquals(OF_CLUSTER, of(DnsPolicy.ClusterFirst, CLUSTER).config());
        assertEquals(OF_CLUSTER, of(DnsPolicy.ClusterFirstWithHostNet, CLUSTER).config());
        assertEquals(AS_NODE, of(DnsPolicy.Default, CLUSTER).config());
        assertEquals(
                new DNSConfig(List.of(), List.of(), List.of()),
                of(DnsPolicy.None, CLUSTER).config());
    }

    @Test
    void onTheHostNetworkOnlyClusterFirstWithHostNetUsesTheCluster() {
        Pod first = Pods.onHostNetwork(pod(DnsPolicy.ClusterFirst, Dns.NONE));
        Pod withHostNet = Pods.onHostNetwork(pod(DnsPolicy.ClusterFirstWithHostNet, Dns.NONE));
        assertEquals(new PodDns(AS_NODE, List.of()), of(first, CLUSTER));
        assertEquals(new PodDns(OF_CLUSTER, List.of()), of(withHostNet, CLUSTER));
        assertEquals(new PodDns(AS_NODE, List.of()), of(first, ClusterDns.NONE));
    }

    @Test
    void withoutAClusterThePodUsesTheNodesServersAndTheUserIsWarned() {
        PodDns dns = of(DnsPolicy.ClusterFirst, ClusterDns.NONE);
        assertEquals(AS_NODE, dns.config());
        assertEquals(
                List.of(
                        new PodDns.Warning(
                                "MissingClusterDNS",
                                "pod: \"web-node1_default(" + Pods.UID
                                        + ")\". kubelet does not have ClusterDNS IP configured and"
                                        + " cannot create Pod using \"ClusterFirst\" policy. Falling back to \"Default\" policy.")),
                dns.warnings());
        assertEquals(List.of("MissingClusterDNS"), reasons(of(DnsPolicy.ClusterFirstWithHostNet, ClusterDns.NONE)));
        assertEquals(List.of(), reasons(of(DnsPolicy.Default, ClusterDns.NONE)));
        assertEquals(
                new PodDns(AS_NODE, List.of()),
                of((DnsPolicy) null, ClusterDns.NONE),
                "no warning unless the manifest sets the policy");
    }

    @Test
    void withoutAClusterDomainOnlyTheServersAreTheClusters() {
        ClusterDns servers = new ClusterDns(List.of("10.0.0.10"), Optional.empty());
        assertEquals(
                new DNSConfig(List.of("10.0.0.10"), List.of("example.org"), List.of("ndots:5")),
                of(DnsPolicy.ClusterFirst, servers).config());
    }

    @Test
    void withoutAFileOfTheNodeThePodIsItsOwnServer() {
        Pod pod = pod(DnsPolicy.Default, Dns.NONE);
        assertEquals(
                new DNSConfig(List.of("127.0.0.1"), List.of("."), List.of()),
                PodDns.of(pod, Optional.empty(), node(ClusterDns.NONE)).config());
        assertEquals(
                List.of("::1", "127.0.0.1"),
                PodDns.of(pod, Optional.empty(), node(ClusterDns.NONE, "fd00::1", "192.0.2.1"))
                        .config()
                        .servers());
    }

    @Test
    void theDnsConfigOfThePodIsAddedAndItsOptionsWin() {
        Dns own = new Dns(
                List.of("192.0.2.53", "192.0.2.54"),
                List.of("example.org", "example.com"),
                List.of(
                        new Dns.Option("ndots", Optional.of("3")),
                        new Dns.Option("edns0", Optional.empty()),
                        new Dns.Option("rotate", Optional.of(""))));
        assertEquals(
                new DNSConfig(
                        List.of("192.0.2.53", "192.0.2.54"),
                        List.of("example.org", "example.com"),
                        List.of("ndots:3", "rotate", "edns0")),
                of(pod(DnsPolicy.Default, own), ClusterDns.NONE).config());
    }

    @Test
    void limitsOfResolversApplyAndTheUserIsWarned() {
        Dns own = new Dns(
                List.of("192.0.2.1", "192.0.2.2", "192.0.2.3"),
                IntStream.range(0, 32).mapToObj(i -> "s" + i).toList(),
                List.of());
        PodDns dns = of(pod(DnsPolicy.Default, own), ClusterDns.NONE);
        assertEquals(
                List.of("192.0.2.53", "192.0.2.1", "192.0.2.2"), dns.config().servers());
        assertEquals(32, dns.config().searches().size());
        assertEquals("s30", dns.config().searches().getLast());
        assertEquals(List.of("DNSConfigForming", "DNSConfigForming"), reasons(dns));
        assertEquals(
                "Nameserver limits were exceeded, some nameservers have been omitted, the applied nameserver line is:"
                        + " 192.0.2.53 192.0.2.1 192.0.2.2",
                dns.warnings().getFirst().message());
        assertTrue(dns.warnings()
                .getLast()
                .message()
                .startsWith("Search Line limits were exceeded, some search paths have been omitted, the applied search"
                        + " line is: example.org s0 s1 "));
    }

    @Test
    void searchListsAreLimitedByLengthToo() {
        List<String> long200 =
                IntStream.range(10, 25).mapToObj(i -> i + "x".repeat(198)).toList();
        PodDns all = of(pod(DnsPolicy.None, new Dns(List.of(), long200, List.of())), ClusterDns.NONE);
        assertEquals(long200.subList(0, 10), all.config().searches());
        assertEquals(List.of("DNSConfigForming"), reasons(all));
        ResolvConf odd = new ResolvConf(List.of(), List.of("y".repeat(254), "z"), List.of());
        PodDns one = PodDns.of(pod(DnsPolicy.Default, Dns.NONE), Optional.of(odd), node(ClusterDns.NONE));
        assertEquals(List.of("z"), one.config().searches());
        assertEquals(List.of("DNSConfigForming"), reasons(one));
    }
}
