/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.admission;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.plan.AdmissionRejection;
import io.jubelet.pod.Pod;
import io.jubelet.pod.PodName;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class StartOrderTest extends AdmittedPods {

    /** How many pods were decided. */
    private int decisions;

    private final StartOrder order = new StartOrder(pod -> {
        decisions++;
        return NodeReservation.of(pod, true);
    });

    private static NodeFit fit(int maxPods, long cpu) {
        return new NodeFit(new NodeAllocatable("node1", Map.of(), maxPods, Map::of), Map.of("cpu", cpu));
    }

    private List<Pod> candidates(int count, String cpu) {
        List<Pod> pods = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Pod pod = cpu.isEmpty() ? plain("p" + (10_000 + i)) : requesting("p" + (10_000 + i), "cpu", cpu);
            pods.add(pod);
            order.add(pod.name(), pod);
        }
        return pods;
    }

    /** Every pod asks, and reserves what it is promised. Returns how many were admitted. */
    private int everyPodAsks(List<Pod> pods, NodeFit fit) {
        int admitted = 0;
        for (Pod pod : pods) {
            if (order.rejection(pod, fit).isEmpty()) {
                assertTrue(order.reserved(pod.name(), List.of(NodeReservation.of(pod, true))), "foreseen");
                admitted++;
            }
        }
        return admitted;
    }

    @Test
    void eachPodIsDecidedOnceInWhateverOrderTheyAsk() {
        for (int count : List.of(100, 1_000, 10_000)) {
            decisions = 0;
            List<Pod> pods = candidates(count, "10m");
            Collections.shuffle(pods, new Random(count));
            assertEquals(50, everyPodAsks(pods, fit(110, 500)));
            assertEquals(
                    count + count - 50, decisions, "one decision on each, and the texts for those that do not fit");
            for (Pod pod : pods) {
                order.remove(pod.name());
                order.reserved(pod.name(), List.of());
            }
        }
    }

    @Test
    void podsAreDecidedOnlyUpToTheLastPlace() {
        List<Pod> pods = candidates(5_000, "");
        assertEquals(Optional.empty(), order.rejection(pods.get(109), fit(110, 0)));
        assertEquals(110, decisions);
        assertTrue(order.rejection(pods.getLast(), fit(110, 0)).isPresent());
        assertEquals(111, decisions, "only the one that asks");
        assertEquals(110, everyPodAsks(pods, fit(110, 0)));
        assertEquals(5_000 + 1, decisions);
    }

    @Test
    void rejectionsWithTheSameTextShareIt() {
        List<Pod> pods = candidates(3, "600m");
        AdmissionRejection second = order.rejection(pods.get(1), fit(9, 1000)).orElseThrow();
        assertTrue(second == order.rejection(pods.get(2), fit(9, 1000)).orElseThrow());
    }

    @Test
    void aReservationThatWasNotForeseenCountsForAll() {
        List<Pod> pods = candidates(2, "600m");
        assertEquals(Optional.empty(), order.rejection(pods.getFirst(), fit(9, 1000)));
        assertFalse(
                order.reserved(name("other"), List.of(NodeReservation.of(requesting("other", "cpu", "500m"), true))));
        assertTrue(order.rejection(pods.getFirst(), fit(9, 1000)).isPresent());
        assertFalse(order.reserved(name("other"), List.of()));
        assertEquals(Optional.empty(), order.rejection(pods.getFirst(), fit(9, 1000)));
        assertTrue(order.rejection(pods.getLast(), fit(9, 1000)).isPresent());
    }

    @Test
    void anotherReservationThanTheAdmittedOneIsNotForeseen() {
        List<Pod> pods = candidates(2, "600m");
        PodName first = pods.getFirst().name();
        assertEquals(Optional.empty(), order.rejection(pods.getFirst(), fit(9, 1000)));
        NodeReservation reservation = NodeReservation.of(pods.getFirst(), true);
        NodeReservation old = NodeReservation.of(requesting("p10000", "cpu", "300m"), false);
        assertFalse(order.reserved(first, List.of(old, reservation)));
        assertFalse(order.reserved(first, List.of(old)));
        assertEquals(Optional.empty(), order.rejection(pods.getLast(), fit(9, 1000)), "300m and 600m");
    }

    @Test
    void aCandidateThatGoesMakesRoomOnlyIfItWasAdmitted() {
        List<Pod> pods = candidates(3, "600m");
        assertTrue(order.rejection(pods.get(2), fit(9, 1000)).isPresent());
        assertEquals(3 + 1, decisions);
        order.remove(pods.get(1).name());
        order.remove(name("unknown"));
        assertTrue(order.rejection(pods.get(2), fit(9, 1000)).isPresent());
        assertEquals(3 + 2, decisions, "nothing was decided anew");
        order.remove(pods.get(0).name());
        assertEquals(Optional.empty(), order.rejection(pods.get(2), fit(9, 1000)));
    }

    @Test
    void aNewCandidateComesBeforeThoseAfterIt() {
        List<Pod> pods = candidates(2, "600m");
        assertEquals(Optional.empty(), order.rejection(pods.get(0), fit(9, 1000)));
        Pod later = requesting("z", "cpu", "400m");
        order.add(later.name(), later);
        order.add(pods.get(0).name(), pods.get(0));
        assertEquals(Optional.empty(), order.rejection(pods.get(0), fit(9, 1000)));
        assertEquals(1, decisions, "neither changes what was decided");
        Pod earlier = requesting("a", "cpu", "600m");
        order.add(earlier.name(), earlier);
        assertTrue(order.rejection(pods.get(0), fit(9, 1000)).isPresent());
        assertEquals(
                Set.of(name("a")),
                order.admittedBefore(pods.get(0).name(), fit(9, 1000)).keySet());
        assertEquals(Optional.empty(), order.rejection(later, fit(9, 1000)));
        assertEquals(
                Set.of(name("a"), name("z")),
                order.admittedBefore(name("zz"), fit(9, 1000)).keySet());
    }

    @Test
    void anotherVersionOfACandidateIsDecidedAnew() {
        List<Pod> pods = candidates(2, "600m");
        assertTrue(order.rejection(pods.get(1), fit(9, 1000)).isPresent());
        Pod smaller = pod("p10000", "another", spec -> spec);
        assertTrue(order.contains(pods.getFirst()));
        order.add(smaller.name(), smaller);
        assertFalse(order.contains(pods.getFirst()));
        assertFalse(order.contains(plain("unknown")));
        assertTrue(order.contains(smaller));
        assertEquals(Optional.empty(), order.rejection(pods.get(1), fit(9, 1000)));
    }
}
