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
import java.util.List;
import java.util.Map;

/**
 * Decides whether any two of the pods that are wanted, or still reserve something, can conflict with each other. Usually
 * none can, and then {@link Admission} admits a pod without a look at every other one.
 *
 * <p>Not thread-safe: guarded by the lock of {@link Admission}.
 */
final class ReservationConflicts {

    private DesiredPods snapshot = DesiredPods.NONE;
    private Map<PodName, NodeReservation> wanted = Map.of();
    private boolean requests;

    /** What each pod reserves now, together with what the wanted version reserves when it is admitted. */
    private final ReservationLedger possible = new ReservationLedger();

    /**
     * Takes the newest snapshot of what is wanted.
     *
     * @return whether it differs from the one before
     */
    boolean update(DesiredPods now, ReservationLedger reserved) {
        if (now == snapshot) {
            return false;
        }
        Map<PodName, NodeReservation> before = wanted;
        Map<PodName, NodeReservation> reservations =
                HashMap.newHashMap(now.pods().size());
        requests = false;
        for (Map.Entry<PodName, Pod> each : now.pods().entrySet()) {
            NodeReservation last = before.get(each.getKey());
            NodeReservation reservation =
                    last != null && last.isOf(each.getValue()) ? last : NodeReservation.of(each.getValue(), true);
            reservations.put(each.getKey(), reservation);
            requests |= !reservation.requests().isEmpty();
        }
        snapshot = now;
        wanted = reservations;
        for (Map.Entry<PodName, NodeReservation> each : reservations.entrySet()) {
            if (before.get(each.getKey()) != each.getValue()) {
                reserved(each.getKey(), reserved.of(each.getKey()));
            }
        }
        for (PodName name : before.keySet()) {
            if (!reservations.containsKey(name)) {
                reserved(name, reserved.of(name));
            }
        }
        return true;
    }

    /** The wanted pods. */
    Map<PodName, Pod> pods() {
        return snapshot.pods();
    }

    /** Whether this version is wanted. */
    boolean wants(Pod pod) {
        NodeReservation known = wanted.get(pod.name());
        return known != null && known.isOf(pod);
    }

    /** Whether a wanted pod requests any resource. */
    boolean requests() {
        return requests;
    }

    /** Takes note of what a pod reserves from now on; the list is empty if it reserves nothing. */
    void reserved(PodName name, List<NodeReservation> reservations) {
        NodeReservation current = wanted.get(name);
        List<NodeReservation> both = reservations;
        if (current != null && !reservations.contains(current)) {
            both = new ArrayList<>(reservations);
            both.add(current);
        }
        possible.put(name, both);
    }

    /** What a wanted pod reserves when it is admitted. */
    NodeReservation reservation(Pod pod) {
        NodeReservation known = wanted.get(pod.name());
        return known != null && known.isOf(pod) ? known : NodeReservation.of(pod, true);
    }

    /** Whether this reservation is that of a wanted pod, and all that is wanted fits beside all that is reserved. */
    boolean none(PodName name, NodeReservation reservation, NodeFit fit) {
        return reservation.equals(wanted.get(name)) && possible.fits(fit.node(), fit.resources());
    }
}
