/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.SocketException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NodeAddressesTest {

    private static final NodeAddresses.Interface LOOPBACK = card("lo", "127.0.0.1", "::1");
    private static final NodeAddresses.Interface BRIDGE =
            new NodeAddresses.Interface("cni0", true, List.of(InetAddress.ofLiteral("10.88.0.1")));
    private static final NodeAddresses.Interface FIRST = card("eth0", "fe80::1", "2001:db8::1", "192.0.2.1");
    private static final NodeAddresses.Interface SECOND = card("eth1", "192.0.2.2");

    @TempDir
    Path dir;

    private final AtomicReference<List<String>> present = new AtomicReference<>(List.of("192.0.2.1"));
    private final AtomicLong nanos = new AtomicLong();
    private final AtomicInteger changes = new AtomicInteger();
    private final NodeAddresses addresses = new NodeAddresses(present::get, nanos::get, changes::incrementAndGet);

    private static NodeAddresses.Interface card(String name, String... addresses) {
        return new NodeAddresses.Interface(
                name, false, Stream.of(addresses).map(InetAddress::ofLiteral).toList());
    }

    private void pass(Duration time) {
        nanos.addAndGet(time.toNanos());
    }

    @Test
    void followsAnotherLease() {
        assertEquals(List.of("192.0.2.1"), addresses.get());
        present.set(List.of("192.0.2.9"));
        pass(Duration.ofSeconds(9));
        assertEquals(List.of("192.0.2.1"), addresses.get());
        assertEquals(0, changes.get());
        pass(Duration.ofSeconds(1));
        assertEquals(List.of("192.0.2.9"), addresses.get());
        assertEquals(1, changes.get());
        pass(Duration.ofSeconds(10));
        assertEquals(List.of("192.0.2.9"), addresses.get());
        assertEquals(1, changes.get());
    }

    @Test
    void findsNetworkThatComesUpLate() {
        present.set(List.of());
        pass(Duration.ofSeconds(10));
        assertEquals(List.of(), addresses.get());
        present.set(List.of("192.0.2.1"));
        pass(Duration.ofSeconds(1));
        assertEquals(List.of("192.0.2.1"), addresses.get());
        assertEquals(2, changes.get());
    }

    @Test
    void prefersInterfaceWithDefaultRoute() {
        List<NodeAddresses.Interface> all = List.of(LOOPBACK, BRIDGE, FIRST, SECOND);
        assertEquals(List.of("192.0.2.2"), NodeAddresses.choose(all, Set.of("eth1")));
        assertEquals(List.of("192.0.2.1", "2001:db8::1"), NodeAddresses.choose(all, Set.of("eth0")));
        assertEquals(List.of("10.88.0.1"), NodeAddresses.choose(all, Set.of("cni0")));
    }

    @Test
    void withoutDefaultRouteAnyInterfaceDoesAndBridgesLast() {
        assertEquals(
                List.of("192.0.2.1", "2001:db8::1"),
                NodeAddresses.choose(List.of(LOOPBACK, BRIDGE, FIRST, SECOND), Set.of()));
        assertEquals(List.of("10.88.0.1"), NodeAddresses.choose(List.of(LOOPBACK, BRIDGE), Set.of()));
        assertEquals(List.of(), NodeAddresses.choose(List.of(LOOPBACK), Set.of("eth7")));
    }

    @Test
    void interfaceThatVanishesMeanwhileHidesNoOther() {
        List<NodeAddresses.Interface> read = NodeAddresses.readAll(List.of("eth0", "veth7", "eth1"), name -> {
            if (name.equals("veth7")) {
                throw new SocketException("No such device (getFlags() failed)");
            }
            return name.equals("eth0") ? FIRST : SECOND;
        });
        assertEquals(List.of(FIRST, SECOND), read);
    }

    @Test
    void readsDefaultRoutes() throws IOException {
        Files.createDirectories(dir.resolve("proc/net"));
        Files.writeString(dir.resolve("proc/net/route"), """
            Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\tMTU\tWindow\tIRTT
            eth0\t00000000\t010200C0\t0003\t0\t0\t0\t00000000\t0\t0\t0
            eth1\t000200C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0
            """);
        assertEquals(Set.of("eth0"), NodeAddresses.withDefaultRoute(dir));
    }

    @Test
    void readsAddressesOfThisHost() {
        assertTrue(NodeAddresses.ofHost(() -> {}).get().stream()
                .noneMatch(ip -> ip.startsWith("127.") || ip.contains("%")));
    }
}
