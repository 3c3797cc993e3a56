/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.admission;

import io.jubelet.pod.Pod;
import io.jubelet.pod.PodName;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * Decides what pods will release, and so what remains reserved for an update of another pod. Pure.
 *
 * <p>A version whose manifest went away is released, and so is one whose successor was admitted. A version whose successor
 * waits is released if the successor could be admitted beside the update, which may be the very thing that it waits for: so
 * two pods can swap ports. Otherwise the old version stays, and an update that would have to wait for it must not begin,
 * because the updated pod would be down until then.
 *
 * @param reserved what each other pod reserves
 * @param waiting the wanted versions that were not admitted, by pod; each of these pods runs another version
 * @param unfit whether this node cannot run a version at all
 * @param reservations returns what a wanted version would reserve
 */
record PlannedReleases(
        NodeAllocatable node,
        Map<PodName, List<NodeReservation>> reserved,
        Map<PodName, Pod> waiting,
        Predicate<Pod> unfit,
        Function<Pod, NodeReservation> reservations) {

    /** What the other pods still reserve after all releases that make room for this reservation. */
    Map<PodName, List<NodeReservation>> remaining(PodName name, NodeReservation reservation) {
        Set<PodName> staying = new TreeSet<>();
        waiting.forEach((other, wanted) -> {
            if (unfit.test(wanted)) {
                staying.add(other);
            }
        });
        boolean more = true;
        while (more) {
            more = false;
            for (Map.Entry<PodName, Pod> each : waiting.entrySet()) {
                PodName other = each.getKey();
                if (!staying.contains(other)) {
                    Map<PodName, List<NodeReservation>> beside = remaining(other, staying);
                    beside.put(name, List.of(reservation));
                    if (new NodeFit(node, beside)
                            .check(each.getValue(), reservations.apply(each.getValue()))
                            .isPresent()) {
                        staying.add(other);
                        more = true;
                    }
                }
            }
        }
        return remaining(name, staying);
    }

    /** Of two pods that wait for the same thing, the first by name gets it. */
    private Map<PodName, List<NodeReservation>> remaining(PodName name, Set<PodName> staying) {
        Map<PodName, List<NodeReservation>> remaining = new TreeMap<>();
        reserved.forEach((other, all) -> {
            List<NodeReservation> then;
            if (staying.contains(other)) {
                then = all;
            } else if (waiting.containsKey(other)) {
                then = other.compareTo(name) < 0 ? List.of(reservations.apply(waiting.get(other))) : List.of();
            } else {
                then = all.stream().filter(NodeReservation::wanted).toList();
            }
            if (!other.equals(name) && !then.isEmpty()) {
                remaining.put(other, then);
            }
        });
        return remaining;
    }
}
