package io.jubelet.criconfig;

import static org.junit.jupiter.api.Assertions.assertEquals;
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

/** What resolv.conf a pod is given. */
class PodDnsTest {

    private static final ResolvConf HOST =
            new ResolvConf(List.of("192.0.2.53"), List.of("example.org"), List.of("ndots:2", "rotate"));
    private static final NameResolution NODE = NameResolution.asNode(HOST);
    private static final NameResolution CLUSTER =
            new NameResolution(() -> Optional.of(HOST), List.of("10.0.0.10"), "cluster.local");
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

    private static PodDns of(DnsPolicy policy, NameResolution node) {
        return PodDns.of(pod(policy, Dns.NONE), node, List.of());
    }

    private static List<String> reasons(PodDns dns) {
        return dns.warnings().stream().map(PodDns.Warning::reason).toList();
    }

    @Test
    void aPodAsksTheClusterOrTheNodeOrNobody() {
        assertEquals(OF_CLUSTER, of(DnsPolicy.ClusterFirst, CLUSTER).config());
        assertEquals(OF_CLUSTER, of(DnsPolicy.ClusterFirstWithHostNet, CLUSTER).config());
        assertEquals(AS_NODE, of(DnsPolicy.Default, CLUSTER).config());
        assertEquals(
                new DNSConfig(List.of(), List.of(), List.of()),
                of(DnsPolicy.None, CLUSTER).config());
    }

    @Test
    void onTheNetworkOfTheNodeOnlyOneOfTheTwoPoliciesAsksTheCluster() {
        Pod first = Pods.onHostNetwork(pod(DnsPolicy.ClusterFirst, Dns.NONE));
        Pod withHostNet = Pods.onHostNetwork(pod(DnsPolicy.ClusterFirstWithHostNet, Dns.NONE));
        assertEquals(new PodDns(AS_NODE, List.of()), PodDns.of(first, CLUSTER, List.of()));
        assertEquals(new PodDns(OF_CLUSTER, List.of()), PodDns.of(withHostNet, CLUSTER, List.of()));
        assertEquals(new PodDns(AS_NODE, List.of()), PodDns.of(first, NODE, List.of()));
    }

    @Test
    void withoutAClusterTheNodeIsAskedAndThatIsTold() {
        PodDns dns = of(DnsPolicy.ClusterFirst, NODE);
        assertEquals(AS_NODE, dns.config());
        assertEquals(
                List.of(
                        new PodDns.Warning(
                                "MissingClusterDNS",
                                "pod: \"web-node1_default(" + Pods.UID
                                        + ")\". kubelet does not have ClusterDNS IP configured and"
                                        + " cannot create Pod using \"ClusterFirst\" policy. Falling back to \"Default\" policy.")),
                dns.warnings());
        assertEquals(List.of("MissingClusterDNS"), reasons(of(DnsPolicy.ClusterFirstWithHostNet, NODE)));
        assertEquals(List.of(), reasons(of(DnsPolicy.Default, NODE)));
        assertEquals(new PodDns(AS_NODE, List.of()), of(null, NODE), "nobody has asked for a cluster");
    }

    @Test
    void withoutADomainOfTheClusterOnlyTheServersAreItsOwn() {
        NameResolution servers = new NameResolution(() -> Optional.of(HOST), List.of("10.0.0.10"), "");
        assertEquals(
                new DNSConfig(List.of("10.0.0.10"), List.of("example.org"), List.of("ndots:5")),
                of(DnsPolicy.ClusterFirst, servers).config());
    }

    @Test
    void withoutAFileOfTheNodeAPodAsksItself() {
        NameResolution nothing = new NameResolution(Optional::empty, List.of(), "");
        Pod pod = pod(DnsPolicy.Default, Dns.NONE);
        assertEquals(
                new DNSConfig(List.of("127.0.0.1"), List.of("."), List.of()),
                PodDns.of(pod, nothing, List.of()).config());
        assertEquals(
                List.of("::1", "127.0.0.1"),
                PodDns.of(pod, nothing, List.of("fd00::1", "192.0.2.1"))
                        .config()
                        .servers());
    }

    @Test
    void whatThePodSaysIsAddedAndItsOptionsWin() {
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
                PodDns.of(pod(DnsPolicy.Default, own), NODE, List.of()).config());
    }

    @Test
    void whatResolversCannotTakeIsCutAndThatIsTold() {
        Dns own = new Dns(
                List.of("192.0.2.1", "192.0.2.2", "192.0.2.3"),
                IntStream.range(0, 32).mapToObj(i -> "s" + i).toList(),
                List.of());
        PodDns dns = PodDns.of(pod(DnsPolicy.Default, own), NODE, List.of());
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
    void searchesAreCutAtTheirLengthToo() {
        List<String> long200 =
                IntStream.range(10, 25).mapToObj(i -> i + "x".repeat(198)).toList();
        PodDns all = PodDns.of(pod(DnsPolicy.None, new Dns(List.of(), long200, List.of())), NODE, List.of());
        assertEquals(long200.subList(0, 10), all.config().searches());
        assertEquals(List.of("DNSConfigForming"), reasons(all));
        ResolvConf odd = new ResolvConf(List.of(), List.of("y".repeat(254), "z"), List.of());
        PodDns one = of(DnsPolicy.Default, NameResolution.asNode(odd));
        assertEquals(List.of("z"), one.config().searches());
        assertEquals(List.of("DNSConfigForming"), reasons(one));
    }
}
