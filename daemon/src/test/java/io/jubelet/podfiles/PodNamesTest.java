/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.podfiles;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.criconfig.Pods;
import io.jubelet.plan.ActionFailedException;
import io.jubelet.pod.Pod;
import io.jubelet.pod.PodName;
import io.jubelet.pod.PodNetwork;
import io.jubelet.pod.PodNetwork.HostAlias;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The host name of a pod, and its hosts file. */
class PodNamesTest {

    private static final Optional<String> DOMAIN = Optional.of("cluster.local");

    private static PodNetwork named(String hostname, String subdomain, boolean fqdn) {
        return new PodNetwork(
                hostname, subdomain, fqdn, Optional.empty(), Optional.empty(), PodNetwork.Dns.NONE, List.of());
    }

    private static PodNetwork overridden(String name) {
        return new PodNetwork("h", "s", false, Optional.of(name), Optional.empty(), PodNetwork.Dns.NONE, List.of());
    }

    private static Pod pod(PodNetwork network) {
        return pod(Pods.WEB, network);
    }

    private static Pod pod(PodName name, PodNetwork network) {
        return Pods.with(Pods.pod(name, Pods.UID, List.of(), Pods.shell("app", "true")), spec -> spec.network(network));
    }

    private static String kernelName(Pod pod, Optional<String> clusterDomain) {
        return HostName.kernelName(pod, clusterDomain).orElseThrow();
    }

    @Test
    void theHostNameIsThePodNameUnlessTheSpecSetsAnother() {
        assertEquals("web-node1", kernelName(pod(PodNetwork.DEFAULT), DOMAIN));
        assertEquals("shop", kernelName(pod(named("shop", "", true)), DOMAIN));
        assertEquals("shop", kernelName(pod(named("shop", "db", false)), DOMAIN));
        assertEquals("shop.db.default.svc.cluster.local", kernelName(pod(named("shop", "db", true)), DOMAIN));
        assertEquals("shop.db.default.svc", kernelName(pod(named("shop", "db", true)), Optional.empty()));
        assertEquals("a.example.com", kernelName(pod(overridden("a.example.com")), DOMAIN));
        assertEquals(Optional.empty(), HostName.kernelName(Pods.onHostNetwork(pod(named("shop", "db", true))), DOMAIN));
    }

    @Test
    void aLongNameIsCut() {
        PodName name = new PodName("default", "x".repeat(62) + "-y");
        assertEquals("x".repeat(62), kernelName(pod(name, PodNetwork.DEFAULT), DOMAIN));
        assertEquals("x".repeat(63), kernelName(pod(overridden("x".repeat(64))), DOMAIN));
    }

    @Test
    void rejectsAFullyQualifiedNameThatIsTooLong() {
        Pod fits = pod(named("x".repeat(64 - ".s.default.svc.cluster.local".length()), "s", true));
        assertEquals(64, kernelName(fits, DOMAIN).length());
        Pod tooLong = pod(named("x".repeat(65 - ".s.default.svc.cluster.local".length()), "s", true));
        ActionFailedException refused = assertThrows(ActionFailedException.class, () -> kernelName(tooLong, DOMAIN));
        assertTrue(
                refused.getMessage().endsWith("is too long (64 characters is the max, 65 characters requested)"),
                refused.getMessage());
    }

    private static final String HEAD = """
            # Kubernetes-managed hosts file.
            127.0.0.1\tlocalhost
            ::1\tlocalhost ip6-localhost ip6-loopback
            fe00::0\tip6-localnet
            fe00::0\tip6-mcastprefix
            fe00::1\tip6-allnodes
            fe00::2\tip6-allrouters
            """;

    @Test
    void theHostsFileMapsEachAddressToTheHostName() {
        assertEquals(
                HEAD + "10.0.0.7\tweb-node1\nfd00::7\tweb-node1\n",
                HostsFile.of(pod(PodNetwork.DEFAULT), List.of("10.0.0.7", "fd00::7"), DOMAIN));
        assertEquals(
                HEAD + "10.0.0.7\tshop.db.default.svc.cluster.local\tshop\n",
                HostsFile.of(pod(named("shop", "db", false)), List.of("10.0.0.7"), DOMAIN));
    }

    @Test
    void hostAliasesFollowAtTheEndOfTheHostsFile() {
        PodNetwork network = new PodNetwork(
                "",
                "",
                false,
                Optional.empty(),
                Optional.empty(),
                PodNetwork.Dns.NONE,
                List.of(
                        new HostAlias("192.0.2.1", List.of("a", "b.example")),
                        new HostAlias("2001:db8::1", List.of("c"))));
        String aliases = "\n# Entries added by HostAliases.\n192.0.2.1\ta\tb.example\n2001:db8::1\tc\n";
        assertEquals(
                HEAD + "10.0.0.7\tweb-node1\n" + aliases,
                HostsFile.of(pod(network), List.of("10.0.0.7"), Optional.empty()));
        assertEquals(
                "# Kubernetes-managed hosts file (host network).\n127.0.0.1 localhost\n" + aliases,
                HostsFile.onHostNetwork(pod(network), "127.0.0.1 localhost\n"));
    }
}
