/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.admission;

import io.jubelet.plan.AdmissionRejection;
import io.jubelet.pod.Pod;
import io.jubelet.pod.PodName;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Decides which of the wanted pods that reserve nothing yet may start beside the others: in the order of namespace and name,
 * each that fits beside those before it.
 *
 * <p>Every pod is decided once, and the decisions are kept until something happens that they did not foresee. So the
 * admission of n pods takes n checks, in whatever order their workers ask, and however many do not fit.
 *
 * <p>Not thread-safe: guarded by the lock of {@link Admission}.
 */
final class StartOrder {

    private final Function<Pod, NodeReservation> reservations;

    /** The pods to decide on. */
    private final TreeMap<PodName, Pod> candidates = new TreeMap<>();

    /** What other pods reserve, and the candidates that were admitted. */
    private final ReservationLedger ahead = new ReservationLedger();

    /** The candidates that fit, of those that were decided. */
    private final TreeMap<PodName, NodeReservation> admitted = new TreeMap<>();

    /** The last candidate by name that was decided; null if none was. Those up to it that were not admitted do not fit. */
    private @Nullable PodName last;

    private @Nullable AdmissionRejection lastRejection;

    /** @param reservations returns what a wanted version reserves when it is admitted */
    StartOrder(Function<Pod, NodeReservation> reservations) {
        this.reservations = reservations;
    }

    /** Forgets all decisions. */
    void reset() {
        for (PodName name : admitted.keySet()) {
            ahead.put(name, List.of());
        }
        admitted.clear();
        last = null;
        lastRejection = null;
    }

    /** Adds or replaces a candidate. */
    void add(PodName name, Pod pod) {
        Pod before = candidates.put(name, pod);
        if (decided(name) && (before == null || !before.uid().equals(pod.uid()))) {
            reset();
        }
    }

    /** Removes a candidate. One that did not fit was in no other's way. */
    void remove(PodName name) {
        candidates.remove(name);
        if (admitted.containsKey(name)) {
            reset();
        }
    }

    private boolean decided(PodName name) {
        return last != null && name.compareTo(last) <= 0;
    }

    /**
     * Takes note of what a pod reserves from now on; it is no candidate then. The list is empty if it reserves nothing.
     *
     * @return whether this was foreseen, so that all decisions remain
     */
    boolean reserved(PodName name, List<NodeReservation> now) {
        NodeReservation foreseen = admitted.get(name);
        if (foreseen != null && now.size() == 1 && now.getFirst().equals(foreseen)) {
            candidates.remove(name);
            admitted.remove(name);
            return true;
        }
        reset();
        candidates.remove(name);
        ahead.put(name, now);
        return false;
    }

    /** Whether a pod in this version is to be decided. */
    boolean contains(Pod pod) {
        Pod candidate = candidates.get(pod.name());
        return candidate != null && candidate.uid().equals(pod.uid());
    }

    /** Why a candidate must not start; empty if it may. The text is about what is reserved and admitted by now. */
    Optional<AdmissionRejection> rejection(Pod candidate, NodeFit fit) {
        decideUpTo(candidate.name(), fit);
        if (admitted.containsKey(candidate.name())) {
            return Optional.empty();
        }
        Optional<AdmissionRejection> rejection = fit.check(candidate, reservations.apply(candidate), ahead);
        AdmissionRejection before = lastRejection;
        if (before != null && rejection.isPresent() && rejection.get().equals(before)) {
            return Optional.of(before); // thousands of pods might have the same text
        }
        if (rejection.isPresent()) {
            lastRejection = rejection.get();
        }
        return rejection;
    }

    /** The candidates before a pod by name that may start, with what they will reserve. */
    Map<PodName, NodeReservation> admittedBefore(PodName name, NodeFit fit) {
        decideUpTo(name, fit);
        return admitted.headMap(name);
    }

    /** Stops early if all places of the node are taken, because no further pod fits then. */
    private void decideUpTo(PodName name, NodeFit fit) {
        if (decided(name)) {
            return;
        }
        Map<PodName, Pod> next = last == null ? candidates : candidates.tailMap(last, false);
        for (Map.Entry<PodName, Pod> each : next.entrySet()) {
            if (each.getKey().compareTo(name) > 0 || ahead.pods() >= fit.node().maxPods()) {
                return;
            }
            last = each.getKey();
            NodeReservation reservation = reservations.apply(each.getValue());
            if (fit.check(each.getValue(), reservation, ahead).isEmpty()) {
                admitted.put(each.getKey(), reservation);
                ahead.put(each.getKey(), List.of(reservation));
            }
        }
    }
}
