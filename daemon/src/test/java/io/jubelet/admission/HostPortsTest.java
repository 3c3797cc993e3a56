/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.admission;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.pod.ContainerPort.Protocol;
import io.jubelet.pod.PodName;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class HostPortsTest {

    private final HostPorts ports = new HostPorts();

    private static PodName pod(String name) {
        return new PodName("default", name);
    }

    private static NodeReservation.HostPort tcp(String ip, int port) {
        return new NodeReservation.HostPort(ip, Protocol.TCP, port);
    }

    private String taker(String ip, int port) {
        return ports.taker(tcp(ip, port)).map(PodName::name).orElse("");
    }

    @Test
    void aPortIsTakenOnItsAddressOrOnAll() {
        ports.add(pod("one"), tcp("192.0.2.1", 80));
        ports.add(pod("all"), tcp("0.0.0.0", 81));
        assertEquals("one", taker("192.0.2.1", 80));
        assertEquals("", taker("192.0.2.2", 80));
        assertEquals("one", taker("", 80), "all addresses contain this one");
        assertEquals("all", taker("192.0.2.2", 81));
        assertEquals("all", taker("::", 81));
        assertEquals("", taker("", 82));
        assertEquals(Optional.empty(), ports.taker(new NodeReservation.HostPort("", Protocol.UDP, 80)));
    }

    @Test
    void theTakerIsTheFirstByName() {
        ports.add(pod("m"), tcp("192.0.2.1", 80));
        ports.add(pod("z"), tcp("", 80));
        assertEquals("m", taker("192.0.2.1", 80));
        assertEquals("z", taker("192.0.2.2", 80));
        ports.add(pod("a"), tcp("", 80));
        assertEquals("a", taker("192.0.2.1", 80));
        assertEquals("a", taker("192.0.2.2", 80));
        assertEquals("a", taker("", 80));
        ports.remove(pod("a"), tcp("", 80));
        assertEquals("m", taker("", 80));
    }

    @Test
    void aPortIsContestedWhileTwoPodsHaveItOnTheSameAddress() {
        ports.add(pod("a"), tcp("192.0.2.1", 80));
        ports.add(pod("b"), tcp("192.0.2.2", 80));
        ports.add(pod("b"), tcp("192.0.2.1", 81));
        assertFalse(ports.contested());
        ports.add(pod("c"), tcp("192.0.2.1", 80));
        assertTrue(ports.contested());
        ports.add(pod("d"), tcp("192.0.2.1", 80));
        ports.remove(pod("d"), tcp("192.0.2.1", 80));
        assertTrue(ports.contested());
        ports.remove(pod("a"), tcp("192.0.2.1", 80));
        assertFalse(ports.contested());
        assertEquals("c", taker("192.0.2.1", 80));
    }

    @Test
    void allAddressesAreContestedByAnyOtherPod() {
        ports.add(pod("a"), tcp("", 80));
        assertFalse(ports.contested());
        ports.add(pod("b"), tcp("192.0.2.2", 80));
        assertTrue(ports.contested());
        ports.add(pod("a"), tcp("", 81));
        ports.add(pod("b"), tcp("", 81));
        ports.remove(pod("b"), tcp("192.0.2.2", 80));
        assertTrue(ports.contested(), "the other port");
        ports.remove(pod("a"), tcp("", 81));
        assertFalse(ports.contested());
    }

    @Test
    void twoVersionsOfOnePodDoNotContestItsPort() {
        ports.add(pod("a"), tcp("", 80));
        ports.add(pod("a"), tcp("", 80));
        ports.add(pod("a"), tcp("::", 80));
        ports.add(pod("a"), tcp("192.0.2.1", 80));
        assertFalse(ports.contested());
        ports.remove(pod("a"), tcp("", 80));
        assertEquals("", taker("192.0.2.2", 80));
        assertEquals("a", taker("192.0.2.1", 80));
        ports.remove(pod("a"), tcp("", 80));
        assertEquals("a", taker("", 80), "it still has one address");
        ports.remove(pod("a"), tcp("192.0.2.1", 80));
        assertEquals("", taker("", 80));
    }

    @Test
    void removingWhatIsNotThereHasNoEffect() {
        ports.remove(pod("a"), tcp("", 80));
        ports.add(pod("b"), tcp("192.0.2.1", 80));
        ports.remove(pod("a"), tcp("192.0.2.1", 80));
        ports.remove(pod("b"), tcp("192.0.2.2", 80));
        assertEquals("b", taker("", 80));
    }
}
