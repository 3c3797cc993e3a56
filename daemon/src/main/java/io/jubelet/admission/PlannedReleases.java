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
 * @param reserved what each pod reserves
 * @param waiting the wanted versions that were not admitted, by pod; each of these pods runs another version
 * @param unfit whether this node cannot run a version at all
 * @param reservations returns what a wanted version would reserve
 */
record PlannedReleases(
        NodeFit fit,
        ReservationLedger reserved,
        TreeMap<PodName, Pod> waiting,
        Predicate<Pod> unfit,
        Function<Pod, NodeReservation> reservations) {

    /** What the other pods still reserve after all releases that make room for this reservation. */
    ReservationLedger remaining(PodName name, NodeReservation reservation) {
        Set<PodName> staying = new TreeSet<>();
        for (Map.Entry<PodName, Pod> each : waiting.entrySet()) {
            if (!each.getKey().equals(name) && unfit.test(each.getValue())) {
                staying.add(each.getKey());
            }
        }
        while (true) {
            ReservationLedger beside = withoutReleases(name, staying);
            beside.put(name, List.of(reservation));
            if (!addStaying(name, staying, beside)) {
                break;
            }
        }
        ReservationLedger remaining = withoutReleases(name, staying);
        // Of two pods that wait for the same thing, the first by name gets it.
        for (Map.Entry<PodName, Pod> each : waiting.headMap(name).entrySet()) {
            if (!staying.contains(each.getKey())) {
                remaining.put(each.getKey(), List.of(reservations.apply(each.getValue())));
            }
        }
        return remaining;
    }

    /**
     * Finds the pods whose old version stays because the new one does not fit beside the others.
     *
     * @param beside what remains of the other pods, to which the waiting pods are added
     * @return whether there is another one, beside which pods before it may no longer fit
     */
    private boolean addStaying(PodName name, Set<PodName> staying, ReservationLedger beside) {
        boolean more = false;
        for (Map.Entry<PodName, Pod> each : waiting.entrySet()) {
            PodName other = each.getKey();
            if (other.equals(name) || staying.contains(other)) {
                continue;
            }
            NodeReservation wanted = reservations.apply(each.getValue());
            if (fit.check(each.getValue(), wanted, beside).isPresent()) {
                staying.add(other);
                beside.put(other, reserved.of(other));
                more = true;
            } else {
                beside.put(other, List.of(wanted));
            }
        }
        return more;
    }

    /** What the pods reserve of which it is certain that they release nothing else. */
    private ReservationLedger withoutReleases(PodName name, Set<PodName> staying) {
        ReservationLedger kept = new ReservationLedger();
        reserved.reservations().forEach((other, all) -> {
            if (other.equals(name)) {
                return;
            }
            if (staying.contains(other)) {
                kept.put(other, all);
            } else if (!waiting.containsKey(other)) {
                kept.put(other, all.stream().filter(NodeReservation::wanted).toList());
            }
        });
        return kept;
    }
}
