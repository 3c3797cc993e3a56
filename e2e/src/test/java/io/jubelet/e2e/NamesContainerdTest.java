/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.e2e;

import static io.jubelet.e2e.DaemonProcess.pod;
import static io.jubelet.e2e.DaemonProcess.sleeper;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Names and name servers of pods on real containerd, as containers see them. */
class NamesContainerdTest extends NetworkedPods {

    @TempDir
    private Path directory;

    private String run(String pod, String script, String moreSpec) throws IOException {
        daemon.write(pod + ".yaml", pod(pod, told(script), NEVER + "\n" + moreSpec));
        return output(pod);
    }

    // --- name servers

    /** The lines of the resolv.conf that a pod with these lines sees, in no order. */
    private Set<String> resolvConf(String pod, String moreSpec) throws IOException {
        return run(pod, "cat /etc/resolv.conf", moreSpec)
                .lines()
                .filter(line -> !line.isBlank())
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private Path hostResolvConf() throws IOException {
        return Files.writeString(
                directory.resolve("resolv.conf"),
                "nameserver 192.0.2.53\nsearch example.org\noptions ndots:2 timeout:3\n");
    }

    private static final Set<String> OF_NODE =
            Set.of("nameserver 192.0.2.53", "search example.org", "options ndots:2 timeout:3");
    private static final Set<String> OF_CLUSTER = Set.of(
            "nameserver 10.96.0.10",
            "search default.svc.cluster.test svc.cluster.test cluster.test example.org",
            "options ndots:5");

    @Test
    void aPodResolvesNamesAsItsPolicySays() throws Exception {
        start("--cluster-dns=10.96.0.10", "--cluster-domain=cluster.test", "--resolv-conf=" + hostResolvConf());
        assertEquals(OF_CLUSTER, resolvConf("plain", ""));
        assertEquals(OF_CLUSTER, resolvConf("cluster", "  dnsPolicy: ClusterFirst"));
        assertEquals(OF_NODE, resolvConf("default", "  dnsPolicy: Default"));
        assertEquals(OF_NODE, resolvConf("host", "  hostNetwork: true"));
        assertEquals(OF_NODE, resolvConf("host-first", "  hostNetwork: true\n  dnsPolicy: ClusterFirst"));
        assertEquals(OF_CLUSTER, resolvConf("host-net", "  hostNetwork: true\n  dnsPolicy: ClusterFirstWithHostNet"));
        assertEquals(Set.of("nameserver 192.0.2.99", "search only.test", "options edns0"), resolvConf("none", """
                  dnsPolicy: None
                  dnsConfig: {nameservers: [192.0.2.99], searches: [only.test], options: [{name: edns0}]}
                """));
        assertEquals(
                Set.of(
                        "nameserver 192.0.2.53",
                        "nameserver 192.0.2.99",
                        "search example.org only.test",
                        "options ndots:4 timeout:3 edns0"),
                resolvConf("own", """
                  dnsPolicy: Default
                  dnsConfig:
                    nameservers: [192.0.2.53, 192.0.2.99]
                    searches: [only.test, example.org]
                    options: [{name: edns0}, {name: ndots, value: "4"}]
                """));
        assertFalse(events("plain").contains("MissingClusterDNS"), () -> events("plain"));
    }

    @Test
    void theConfigurationFileNamesTheServersToo() throws Exception {
        start("--config=" + ConfigFiles.write("dns", """
                clusterDNS: [10.96.0.10]
                clusterDomain: cluster.test
                resolvConf: %s
                """.formatted(hostResolvConf())));
        assertEquals(OF_CLUSTER, resolvConf("plain", ""));
    }

    @Test
    void podsWithoutClusterUseNodeResolverAndReportClusterFirst() throws Exception {
        start("--resolv-conf=" + hostResolvConf());
        assertEquals(OF_NODE, resolvConf("plain", ""));
        assertEquals(OF_NODE, resolvConf("cluster", "  dnsPolicy: ClusterFirst"));
        assertTrue(
                events("cluster").matches("(?s).*Warning +MissingClusterDNS .*Falling back to \"Default\" policy.*"),
                () -> events("cluster"));
        assertFalse(events("plain").contains("MissingClusterDNS"), () -> events("plain"));
    }

    @Test
    void resolverLimitsAreAppliedAndReportedAsEvent() throws Exception {
        start("--resolv-conf=" + hostResolvConf());
        Set<String> seen = resolvConf("many", """
                  dnsPolicy: Default
                  dnsConfig: {nameservers: [192.0.2.1, 192.0.2.2, 192.0.2.3]}
                """);
        assertEquals(
                Set.of(
                        "nameserver 192.0.2.53",
                        "nameserver 192.0.2.1",
                        "nameserver 192.0.2.2",
                        "search example.org",
                        "options ndots:2 timeout:3"),
                seen);
        assertTrue(
                events("many").matches("(?s).*Warning +DNSConfigForming .*192.0.2.53 192.0.2.1 192.0.2.2.*"),
                () -> events("many"));
    }

    @Test
    void podsUseOnlyLocalNameServersWithoutResolvConfOfTheNode() throws Exception {
        start("--resolv-conf=");
        Set<String> seen = resolvConf("alone", "");
        assertTrue(seen.remove("search ."), seen::toString);
        assertTrue(
                !seen.isEmpty()
                        && Set.of("nameserver 127.0.0.1", "nameserver ::1").containsAll(seen),
                seen::toString);
    }

    // --- names

    @Test
    void theKernelOfAPodKnowsItsName() throws Exception {
        start("--cluster-domain=cluster.test");
        String script = "cat /proc/sys/kernel/hostname; grep -v '^#' /etc/hosts | tail -n 1 | cut -f 2-";
        assertEquals("plain-" + daemon.node + "\nplain-" + daemon.node + "\n", run("plain", script, ""));
        assertEquals("shop\nshop\n", run("named", script, "  hostname: shop"));
        assertEquals(
                "shop\nshop.db.default.svc.cluster.test\tshop\n",
                run("sub", script, "  hostname: shop\n  subdomain: db"));
        assertEquals(
                "shop.db.default.svc.cluster.test\nshop.db.default.svc.cluster.test\tshop\n",
                run("fqdn", script, "  hostname: shop\n  subdomain: db\n  setHostnameAsFQDN: true"));
        assertEquals(
                "a.example.com\na.example.com\n",
                run("override", script, "  hostname: shop\n  subdomain: db\n  hostnameOverride: a.example.com"));
        String longName = "l".repeat(62) + ".x";
        assertEquals(
                "l".repeat(62), run(longName, script, "").lines().findFirst().orElseThrow());
    }

    @Test
    void aFullNameThatTheKernelCannotTakeHoldsThePodAndIsExplained() throws Exception {
        start("--cluster-domain=cluster.test");
        daemon.write("long.yaml", pod("long", sleeper(), """
                  hostname: %s
                  subdomain: db
                  setHostnameAsFQDN: true
                """.formatted("h".repeat(50))));
        daemon.await(
                "the reason",
                () -> events("long")
                        .matches("(?s).*Warning +FailedCreatePodSandBox .*is too long \\(64 characters is the max, 78"
                                + " characters requested\\).*"));
        assertTrue(daemon.sandboxes("long").isEmpty());
        daemon.write("long.yaml", pod("long", sleeper(), """
                  hostname: short
                  subdomain: db
                  setHostnameAsFQDN: true
                """));
        daemon.awaitRunning("long");
    }

    @Test
    void hostAliasesAreInTheHostsFileOnEitherNetwork() throws Exception {
        start();
        String aliases = """
                  hostAliases:
                  - {ip: 192.0.2.7, hostnames: [db, db.example]}
                  - {ip: "2001:db8::7", hostnames: [six]}
                """;
        String lines = "\n# Entries added by HostAliases.\n192.0.2.7\tdb\tdb.example\n2001:db8::7\tsix\n";
        String own = run("own", "cat /etc/hosts; ping -c 1 -W 1 db || true", aliases);
        assertTrue(own.startsWith("# Kubernetes-managed hosts file.\n127.0.0.1\tlocalhost\n"), own);
        assertTrue(own.contains("\town-" + daemon.node + "\n" + lines), own);
        assertTrue(own.contains("PING db (192.0.2.7)"), own);
        String host = run("host", "cat /etc/hosts", "  hostNetwork: true\n" + aliases);
        assertEquals(
                "# Kubernetes-managed hosts file (host network).\n" + Files.readString(Path.of("/etc/hosts")) + lines,
                host);
    }

    @Test
    void aContainerThatMountsItsOwnHostsFileIsGivenNoOther() throws Exception {
        start();
        Path hosts = Files.writeString(directory.resolve("hosts"), "192.0.2.1 mine\n");
        daemon.write(
                "mine.yaml",
                pod("mine", told("cat /etc/hosts"), NEVER + """

                  hostAliases: [{ip: 192.0.2.7, hostnames: [db]}]
                  volumes: [{name: hosts, hostPath: {path: %s}}]
                """.formatted(hosts))
                        + "    volumeMounts: [{name: hosts, mountPath: /etc/hosts}]\n");
        assertEquals("192.0.2.1 mine\n", output("mine"));
    }
}
