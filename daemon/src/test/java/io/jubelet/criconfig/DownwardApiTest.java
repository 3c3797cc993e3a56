/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.criconfig;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.node.NodeCapacity;
import io.jubelet.pod.ContainerSpec;
import io.jubelet.pod.EnvVar;
import io.jubelet.pod.Pod;
import io.jubelet.pod.Quantity;
import io.jubelet.pod.Resources;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DownwardApiTest {

    private final NodeProfile node = new NodeProfile(
            Pods.NODE,
            List.of("192.0.2.1", "2001:db8::1"),
            ClusterDns.NONE,
            NodeProfile.Cgroups.BASIC,
            8L << 30,
            List.of());
    private final ContainerSpec app = Pods.container(
            "app",
            List.of("true"),
            List.of(),
            new Resources(
                    Map.of("cpu", Quantity.parse("250m"), "memory", Quantity.parse("100")),
                    Map.of("cpu", Quantity.parse("1100m"), "memory", Quantity.parse("64Mi"))),
            List.of());
    private final Pod pod = Pods.pod(List.of(), app, Pods.shell("free", "true"));
    private final DownwardApi api = new DownwardApi(
            pod,
            app,
            List.of("10.88.0.7", "fd00::7"),
            node,
            () -> new NodeCapacity(4000, 8L << 30, 100_000_000_001L, Map.of()));

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
                    metadata.name | web-node1
                    metadata.namespace | default
                    metadata.uid | 0123456789abcdef0123456789abcdef
                    metadata.labels['app'] | web
                    metadata.labels['none'] | ""
                    metadata.annotations['note'] | a
                    metadata.annotations['kubernetes.io/config.hash'] | 0123456789abcdef0123456789abcdef
                    metadata.annotations['kubernetes.io/config.source'] | file
                    spec.nodeName | node1
                    spec.serviceAccountName | ""
                    status.hostIP | 192.0.2.1
                    status.hostIPs | 192.0.2.1,2001:db8::1
                    status.podIP | 10.88.0.7
                    status.podIPs | 10.88.0.7,fd00::7
                    """)
    void exposesFieldsOfThePod(String path, String value) throws IOException {
        assertEquals(value, api.field(new EnvVar.Field(path)));
    }

    @ParameterizedTest(name = "{0} {1} / {2}")
    @CsvSource({
        "'', limits.cpu, 1, 2",
        "'', limits.cpu, 1m, 1100",
        "'', requests.cpu, 1m, 250",
        "'', requests.cpu, 1, 1",
        "'', limits.memory, 1Mi, 64",
        "'', limits.memory, 1Gi, 1",
        "'', limits.memory, 1, 67108864",
        "'', requests.memory, 1k, 1",
        "'', requests.ephemeral-storage, 1, 0",
        "'', limits.ephemeral-storage, 1G, 101",
        "'', limits.hugepages-2Mi, 1, 0",
        "free, limits.cpu, 1, 4",
        "free, limits.memory, 1Mi, 8192",
        "free, requests.memory, 1, 0"
    })
    void exposesResourcesInUnitsOfTheDivisorRoundedUp(String container, String resource, String divisor, String value)
            throws IOException {
        EnvVar.Resource source = new EnvVar.Resource(container, resource, Quantity.parse(divisor));
        assertEquals(value, api.resource(source));
    }

    @Test
    void rejectsUnknownFieldsContainersAndResources() {
        assertTrue(rejection(() -> api.field(new EnvVar.Field("spec.hostname"))).contains("field spec.hostname"));
        EnvVar.Resource other = new EnvVar.Resource("other", "limits.cpu", Quantity.parse("1"));
        assertTrue(rejection(() -> api.resource(other)).contains("no container \"other\""));
        EnvVar.Resource wrong = new EnvVar.Resource("", "cpu", Quantity.parse("1"));
        assertTrue(rejection(() -> api.resource(wrong)).contains("resource cpu"));
    }

    private static String rejection(Executable executable) {
        return assertThrows(IOException.class, executable).getMessage();
    }

    @Test
    void onlyFieldsWithAddressesOfThePodNeedThem() {
        assertFalse(DownwardApi.needsAddresses(with("status.hostIP")));
        assertTrue(DownwardApi.needsAddresses(with("status.podIP")));
        assertTrue(DownwardApi.needsAddresses(with("status.podIPs")));
    }

    private static ContainerSpec with(String path) {
        return ContainerSpec.builder("app", "busybox")
                .env(List.of(new EnvVar("A", new EnvVar.Field(path))))
                .build();
    }

    @Test
    void valueOfAddressIsNeverEmptyBecauseNodeHasNoNetworkYet() throws IOException {
        AtomicReference<List<String>> ips = new AtomicReference<>(List.of());
        NodeProfile later =
                new NodeProfile(Pods.NODE, ips::get, ClusterDns.NONE, NodeProfile.Cgroups.BASIC, 8L << 30, List.of());
        DownwardApi facts = new DownwardApi(
                pod, app, List.of("10.88.0.7"), later, () -> new NodeCapacity(4000, 8L << 30, 1, Map.of()));
        for (String path : List.of("status.hostIP", "status.hostIPs")) {
            EnvVar.Field field = new EnvVar.Field(path);
            IOException unknown = assertThrows(IOException.class, () -> facts.field(field));
            assertTrue(unknown.getMessage().contains("no network interface of this node has"), unknown.getMessage());
        }
        assertEquals("10.88.0.7", facts.field(new EnvVar.Field("status.podIP")));
        ips.set(List.of("192.0.2.8"));
        assertEquals("192.0.2.8", facts.field(new EnvVar.Field("status.hostIP")));
    }
}
