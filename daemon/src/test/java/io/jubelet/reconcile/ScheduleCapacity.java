/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.reconcile;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.admission.NodeAllocatable;
import io.jubelet.cri.PodSandbox;
import io.jubelet.cri.PodSandboxState;
import io.jubelet.pod.Pod;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * What the node has for the pods of a schedule, in schedules where it is not enough for all: host ports, memory and places.
 * Counts what runs without using Admission.
 */
final class ScheduleCapacity {

    /** Memory of the node, in the units in which the pods of {@link SchedulePods} request it. */
    static final int UNITS = 3;

    static final int MAX_PODS = 3;
    static final long UNIT = 1 << 20;

    private final ScheduleWorld world;

    ScheduleCapacity(ScheduleWorld world) {
        this.world = world;
    }

    /** What the node has for pods. */
    NodeAllocatable offer(String node) {
        return world.scarce
                ? new NodeAllocatable(node, Map.of(), MAX_PODS, () -> Map.of("memory", UNITS * UNIT))
                : new NodeAllocatable(node, Map.of(), 100, Map::of);
    }

    /** Live versions that could not be read for a moment, so that a daemon might not know what they have. */
    private final Set<String> unread = new HashSet<>();

    /** The versions with a ready sandbox, by their UIDs; of a pod that is edited there can be two. */
    private Map<String, Pod> ready() {
        Map<String, Pod> ready = new TreeMap<>();
        for (PodSandbox sandbox : world.runtime.sandboxes()) {
            if (sandbox.state() == PodSandboxState.READY) {
                String uid = sandbox.metadata().uid();
                ready.put(uid, world.everWanted.get(uid));
            }
        }
        return ready;
    }

    /** The versions that have something of the node, by the pod's name: of two the one that runs. */
    private Map<String, Pod> live() {
        Set<String> running = new HashSet<>();
        world.running().forEach(container -> running.add(ScheduleWorld.uid(container)));
        Map<String, Pod> live = new TreeMap<>();
        ready().forEach((uid, pod) -> {
            if (running.contains(uid) || !live.containsKey(pod.name().name())) {
                live.put(pod.name().name(), pod);
            }
        });
        return live;
    }

    /** After each step: no two pods have the same port, and all together have no more than the node has. */
    void check() {
        if (!world.scarce) {
            return;
        }
        Set<Integer> taken = new HashSet<>();
        long units = 0;
        Map<String, Pod> live = live();
        Set<String> all = new HashSet<>();
        ready().values().forEach(pod -> all.add(pod.uid()));
        unread.retainAll(all);
        for (String uid : all) {
            if (!world.files.readable(uid)) {
                unread.add(uid);
            }
        }
        for (Pod pod : live.values()) {
            if (unread.contains(pod.uid())) {
                continue;
            }
            units += units(pod);
        }
        for (Pod pod : ready().values()) {
            for (int port : unread.contains(pod.uid()) ? List.<Integer>of() : ports(pod)) {
                assertTrue(taken.add(port), () -> "two sandboxes have port " + port + ": " + describe(live));
            }
        }
        long sum = units;
        assertTrue(units <= UNITS, () -> sum + " units are requested of " + UNITS + ": " + describe(live));
        assertTrue(live.size() <= MAX_PODS, () -> "more pods live than may: " + describe(live));
    }

    /** Whether a pod would fit beside the live versions of other pods. */
    boolean fits(Pod pod) {
        Map<String, Pod> others = live();
        others.remove(pod.name().name());
        Set<Integer> taken = new HashSet<>();
        long units = units(pod);
        for (Pod other : others.values()) {
            taken.addAll(ports(other));
            units += units(other);
        }
        return others.size() < MAX_PODS && units <= UNITS && ports(pod).stream().noneMatch(taken::contains);
    }

    /** The version of a pod that lives though another one is wanted; empty when there is none. */
    Optional<Pod> before(Pod wanted) {
        return ready().values().stream()
                .filter(pod -> pod.name().equals(wanted.name()) && !pod.uid().equals(wanted.uid()))
                .findFirst();
    }

    /** All that live, and all that are wanted, for messages. */
    String describe() {
        Map<String, Pod> wanted = new TreeMap<>();
        world.wanted.values().forEach(pod -> wanted.put(pod.name().name(), pod));
        return describe(live()) + "and wanted are: " + describe(wanted);
    }

    private static String describe(Map<String, Pod> live) {
        StringBuilder text = new StringBuilder();
        live.forEach((name, pod) -> text.append(name)
                .append(' ')
                .append(pod.uid())
                .append(" has ports ")
                .append(ports(pod))
                .append(" and ")
                .append(units(pod))
                .append(" units, ")
                .append(pod.spec().restartPolicy())
                .append(pod.spec().activeDeadline().isPresent() ? " with a deadline; " : "; "));
        return text.toString();
    }

    private static List<Integer> ports(Pod pod) {
        return pod.spec().containers().stream()
                .flatMap(container -> container.ports().stream())
                .map(port -> port.hostPort())
                .toList();
    }

    private static long units(Pod pod) {
        return pod.spec().containers().stream()
                        .filter(container -> container.resources().requests().containsKey("memory"))
                        .mapToLong(container ->
                                container.resources().requests().get("memory").value())
                        .sum()
                / UNIT;
    }
}
