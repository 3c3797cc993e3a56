/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.admission;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.desired.DesiredPods;
import io.jubelet.plan.TestPods;
import io.jubelet.pod.ContainerPort;
import io.jubelet.pod.ContainerPort.Protocol;
import io.jubelet.pod.Pod;
import io.jubelet.pod.PodName;
import io.jubelet.pod.PodSpec;
import io.jubelet.pod.Quantity;
import io.jubelet.pod.Resources;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

/** Random pods that come and go, compared with the rule in its plainest form, and how many workers they wake. */
class AdmissionModelTest extends AdmittedPods {

    private static final int PLACES = 6;
    private static final long CPU = 2000;
    private static final List<String> ADDRESSES = List.of("", "192.0.2.1", "192.0.2.2");

    /** The pods that were admitted and are still there. */
    private final TreeMap<PodName, NodeReservation> admitted = new TreeMap<>();

    /** The pods whose workers were last told that they must wait. */
    private final Set<PodName> waiting = new HashSet<>();

    private DesiredPods snapshot = DesiredPods.NONE;
    private final Map<PodName, Integer> wakeUps = new HashMap<>();

    private static Pod random(Random random, int version) {
        String name = "p" + random.nextInt(14);
        Pod plain = TestPods.pod(name(name), name + "-" + version, io.jubelet.pod.RestartPolicy.Always, "app");
        var app = TestPods.spec("app");
        if (random.nextBoolean()) {
            app.ports(List.of(
                    new ContainerPort("", 80, 80 + random.nextInt(3), ADDRESSES.get(random.nextInt(3)), Protocol.TCP)));
        }
        if (random.nextBoolean()) {
            Quantity cpu = Quantity.parse(300 * (1 + random.nextInt(4)) + "m");
            app.resources(new Resources(Map.of("cpu", cpu), Map.of()));
        }
        return TestPods.with(plain, PodSpec.builder(List.of(app.build())).build());
    }

    private static boolean conflict(NodeReservation.HostPort a, NodeReservation.HostPort b) {
        return a.port() == b.port() && (a.ip().isEmpty() || b.ip().isEmpty() || a.ip().equals(b.ip()));
    }

    private static boolean fits(NodeReservation pod, Map<PodName, NodeReservation> others) {
        long cpu = pod.requests().getOrDefault("cpu", 0L);
        for (NodeReservation other : others.values()) {
            cpu += other.requests().getOrDefault("cpu", 0L);
            if (pod.ports().stream().anyMatch(a -> other.ports().stream().anyMatch(b -> conflict(a, b)))) {
                return false;
            }
        }
        return others.size() < PLACES && (cpu <= CPU || !pod.requests().containsKey("cpu"));
    }

    /** Whether a new pod may start: it fits beside the admitted pods and the new pods before it that fit. */
    private boolean mayStart(PodName name) {
        Map<PodName, NodeReservation> all = new TreeMap<>(admitted);
        for (Map.Entry<PodName, Pod> each :
                new TreeMap<>(wanted).headMap(name, true).entrySet()) {
            NodeReservation reservation = NodeReservation.of(each.getValue(), true);
            boolean isNew = !admitted.containsKey(each.getKey());
            if (isNew && fits(reservation, all)) {
                if (each.getKey().equals(name)) {
                    return true;
                }
                all.put(each.getKey(), reservation);
            }
        }
        return false;
    }

    private void takeTurn(PodName name) {
        boolean expected = !wanted.containsKey(name) || admitted.containsKey(name) || mayStart(name);
        boolean may = turn(name.name()).isEmpty();
        assertEquals(expected, may, () -> name + " of " + wanted.keySet() + " beside " + admitted.keySet());
        waiting.remove(name);
        if (wanted.containsKey(name)) {
            if (may) {
                admitted.putIfAbsent(name, NodeReservation.of(wanted.get(name), true));
                runs(wanted.get(name));
            } else {
                waiting.add(name);
            }
        }
    }

    @RepeatedTest(40)
    void podsAreAdmittedAndWokenAsTheRuleSays(RepetitionInfo repetition) {
        Random random = new Random(repetition.getCurrentRepetition());
        admission = new Admission(
                new NodeAllocatable("node1", Map.of(), PLACES, () -> Map.of("cpu", CPU)), () -> snapshot, woken::add);
        listed();
        for (int step = 0; step < 300; step++) {
            Pod pod = random(random, step);
            PodName name = pod.name();
            if (!wanted.containsKey(name)) {
                wanted.put(name, pod);
                snapshot = new DesiredPods(wanted, List.of());
            } else if (random.nextInt(3) == 0) {
                wanted.remove(name);
                snapshot = new DesiredPods(wanted, List.of());
                runtime.remove(name);
                admitted.remove(name);
                takeTurn(name);
            } else {
                takeTurn(name);
            }
            for (PodName next : List.copyOf(woken)) {
                if (random.nextInt(4) != 0 || waiting.contains(next)) {
                    takeTurn(next);
                }
            }
            woken.clear();
            if (step % 10 == 9) {
                takeTurn(wanted.isEmpty() ? name : new TreeMap<>(wanted).firstKey());
                settle();
            }
        }
    }

    /** Each worker asks, and then those that are woken, until all sleep. Then no pod waits that may start. */
    private void settle() {
        List<PodName> due = new ArrayList<>(wanted.keySet());
        for (int round = 0; !due.isEmpty(); round++) {
            assertTrue(round < 10, "they wake each other forever");
            woken.clear();
            due.forEach(this::takeTurn);
            due = new ArrayList<>(new HashSet<>(woken));
        }
        woken.clear();
        for (PodName name : waiting) {
            assertTrue(!mayStart(name), () -> name + " could start and was not woken");
        }
    }

    @Test
    void podsThatDoNotFitWakeNoOtherPodWhileTheOthersStart() {
        for (int count : List.of(111, 1_000, 4_000)) {
            startAll(count, 110, "");
            startAll(count, 110, "10m");
        }
    }

    /** Of {@code count} pods only {@code places} fit. */
    private void startAll(int count, int places, String cpu) {
        wanted.clear();
        wakeUps.clear();
        for (int i = 0; i < count; i++) {
            String name = "p" + (10_000 + i);
            want(cpu.isEmpty() ? plain(name) : requesting(name, "cpu", cpu));
        }
        snapshot = new DesiredPods(wanted, List.of());
        int[] reads = {0};
        admission = new Admission(
                new NodeAllocatable("node1", Map.of(), cpu.isEmpty() ? places : count, () -> {
                    reads[0]++;
                    return Map.of("cpu", places * 10L);
                }),
                () -> snapshot,
                name -> wakeUps.merge(name, 1, Integer::sum),
                () -> 0);
        admission.listed(List.of());
        List<PodName> names = new ArrayList<>(wanted.keySet());
        java.util.Collections.shuffle(names, new Random(count));
        int started = 0;
        for (PodName name : names) {
            Optional<Pod> pod = Optional.of(wanted.get(name));
            admission.update(observed(name), pod, Optional.empty(), _ -> Optional.empty());
            started += admission.rejection(name).isEmpty() ? 1 : 0;
            admission.planned(name, pod, false);
        }
        assertEquals(places, started);
        assertEquals(Map.of(), wakeUps, "of " + count);
        assertEquals(cpu.isEmpty() ? 0 : 1, reads[0], "reads of the resources");
        wanted.remove(name("p10000"));
        snapshot = new DesiredPods(wanted, List.of());
        admission.update(observed(name("p10000")), Optional.empty(), Optional.empty(), _ -> Optional.empty());
        assertEquals(Map.of(name("p" + (10_000 + places)), 1), wakeUps, "one place became free");
    }
}
