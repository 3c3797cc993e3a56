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
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ReservationLedgerTest {

    private final ReservationLedger ledger = new ReservationLedger();

    private static PodName pod(String name) {
        return new PodName("default", name);
    }

    private static NodeReservation of(String uid, Map<String, Long> requests, int... ports) {
        List<NodeReservation.HostPort> taken = java.util.Arrays.stream(ports)
                .mapToObj(port -> new NodeReservation.HostPort("", Protocol.TCP, port))
                .toList();
        return new NodeReservation(Optional.of(uid), taken, requests, true);
    }

    private static NodeAllocatable places(int maxPods) {
        return new NodeAllocatable("node1", Map.of(), maxPods, Map::of);
    }

    @Test
    void ofTwoVersionsTheGreaterRequestCounts() {
        ledger.put(pod("a"), List.of(of("1", Map.of("cpu", 5L, "memory", 7L)), of("2", Map.of("cpu", 9L))));
        ledger.put(pod("b"), List.of(of("3", Map.of("cpu", 1L))));
        assertEquals(10, ledger.used("cpu"));
        assertEquals(7, ledger.used("memory"));
        assertEquals(0, ledger.used("ephemeral-storage"));
        assertEquals(2, ledger.pods());
        ledger.put(pod("a"), List.of(of("1", Map.of("cpu", 5L))));
        assertEquals(6, ledger.used("cpu"));
        assertEquals(0, ledger.used("memory"));
        ledger.put(pod("a"), List.of());
        assertEquals(1, ledger.used("cpu"));
        assertEquals(1, ledger.pods());
        assertEquals(List.of(), ledger.of(pod("a")));
    }

    @Test
    void aSumThatALongCannotHoldIsNotANegativeOne() {
        for (int i = 0; i < 5; i++) {
            ledger.put(pod("p" + i), List.of(of("u" + i, Map.of("memory", 5L << 60))));
        }
        assertEquals(Long.MAX_VALUE, ledger.used("memory"));
        assertFalse(ledger.fits(places(9), Map.of("memory", 6L << 60)));
        for (int i = 1; i < 5; i++) {
            ledger.put(pod("p" + i), List.of());
        }
        assertEquals(5L << 60, ledger.used("memory"));
        ledger.put(pod("p1"), List.of(of("u", Map.of("memory", (2L << 60) + 0xffff_ffffL))));
        assertEquals((7L << 60) + 0xffff_ffffL, ledger.used("memory"));
        ledger.put(pod("p2"), List.of(of("v", Map.of("memory", 2L))));
        assertEquals((7L << 60) + 0x1_0000_0001L, ledger.used("memory"));
        ledger.put(pod("p1"), List.of());
        assertEquals((5L << 60) + 2, ledger.used("memory"));
    }

    @Test
    void portsComeAndGoWithTheirPod() {
        NodeReservation.HostPort port = new NodeReservation.HostPort("", Protocol.TCP, 80);
        ledger.put(pod("a"), List.of(of("1", Map.of(), 80, 81), of("2", Map.of(), 82)));
        assertEquals(Optional.of(pod("a")), ledger.taker(port));
        ledger.put(pod("a"), List.of(of("2", Map.of(), 82)));
        assertEquals(Optional.empty(), ledger.taker(port));
    }

    @Test
    void podsFitUpToTheLimitAndNotBeyond() {
        ledger.put(pod("a"), List.of(of("1", Map.of("cpu", 5L), 80)));
        ledger.put(pod("b"), List.of(of("2", Map.of("cpu", 5L), 81)));
        assertTrue(ledger.fits(places(2), Map.of("cpu", 10L)));
        assertFalse(ledger.fits(places(1), Map.of("cpu", 10L)));
        assertFalse(ledger.fits(places(2), Map.of("cpu", 9L)));
        assertTrue(ledger.fits(places(2), Map.of()), "what is not known is not limited");
        ledger.put(pod("b"), List.of(of("2", Map.of("cpu", 5L), 80)));
        assertFalse(ledger.fits(places(2), Map.of("cpu", 10L)));
    }
}
