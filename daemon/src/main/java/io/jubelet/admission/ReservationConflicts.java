/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.admission;

import io.jubelet.desired.DesiredPods;
import io.jubelet.pod.Pod;
import io.jubelet.pod.PodName;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Decides whether any two of the pods that are wanted, or still reserve something, can conflict with each other. Usually
 * none can, and then {@link Admission} admits a pod without a look at every other one.
 *
 * <p>Not thread-safe: guarded by the lock of {@link Admission}.
 */
final class ReservationConflicts {

    private final NodeAllocatable node;

    private DesiredPods snapshot = DesiredPods.NONE;
    private Map<PodName, NodeReservation> wanted = Map.of();
    private boolean allFit = true;

    /** Pods with a reservation that is not the one of the version wanted in the snapshot. */
    private final Set<PodName> outdated = new HashSet<>();

    ReservationConflicts(NodeAllocatable node) {
        this.node = node;
    }

    /** Takes the newest snapshot of what is wanted. */
    void update(DesiredPods now, Map<PodName, List<NodeReservation>> reserved) {
        if (now == snapshot) {
            return;
        }
        Map<PodName, NodeReservation> reservations =
                HashMap.newHashMap(now.pods().size());
        now.pods().forEach((name, pod) -> {
            NodeReservation before = wanted.get(name);
            boolean same = before != null && before.isOf(pod);
            reservations.put(name, same ? before : NodeReservation.of(pod, true));
        });
        snapshot = now;
        wanted = reservations;
        allFit = reservations.size() <= node.maxPods() && requestsFit() && noPortConflicts();
        outdated.clear();
        reserved.forEach(this::reserved);
    }

    /** Takes note of what a pod reserves from now on; the list is empty if it reserves nothing. */
    void reserved(PodName name, List<NodeReservation> reservations) {
        NodeReservation current = wanted.get(name);
        if (reservations.stream().allMatch(reservation -> reservation.equals(current))) {
            outdated.remove(name);
        } else {
            outdated.add(name);
        }
    }

    /** What a wanted pod reserves when it is admitted. */
    NodeReservation reservation(Pod pod) {
        NodeReservation known = wanted.get(pod.name());
        return known != null && known.isOf(pod) ? known : NodeReservation.of(pod, true);
    }

    /** Whether all wanted pods fit side by side, this reservation is one of theirs, and no other pod reserves anything else. */
    boolean none(PodName name, NodeReservation reservation) {
        boolean othersCurrent = outdated.isEmpty() || outdated.equals(Set.of(name));
        return allFit && othersCurrent && reservation.equals(wanted.get(name));
    }

    private boolean requestsFit() {
        Map<String, Long> sums = new HashMap<>();
        for (NodeReservation reservation : wanted.values()) {
            reservation.requests().forEach((resource, amount) -> sums.merge(resource, amount, Long::sum));
        }
        if (sums.isEmpty()) {
            return true;
        }
        Map<String, Long> allocatable = node.allocatable().get();
        return sums.entrySet().stream()
                .allMatch(sum -> sum.getValue() <= allocatable.getOrDefault(sum.getKey(), Long.MAX_VALUE));
    }

    private boolean noPortConflicts() {
        Map<Integer, List<NodeReservation.HostPort>> taken = new HashMap<>();
        for (NodeReservation reservation : wanted.values()) {
            for (NodeReservation.HostPort port : reservation.ports()) {
                if (taken.getOrDefault(port.port(), List.of()).stream().anyMatch(port::conflictsWith)) {
                    return false;
                }
            }
            for (NodeReservation.HostPort port : reservation.ports()) {
                taken.computeIfAbsent(port.port(), _ -> new ArrayList<>(1)).add(port);
            }
        }
        return true;
    }
}
