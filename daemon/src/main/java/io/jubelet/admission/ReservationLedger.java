/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.admission;

import io.jubelet.pod.PodName;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What pods reserve, with the sums that checks ask for, so that a check takes the same time however many pods there are. Not
 * thread-safe.
 */
final class ReservationLedger {

    private final Map<PodName, List<NodeReservation>> reservations = new HashMap<>();
    private final Map<String, Total> totals = new HashMap<>();
    private final HostPorts ports = new HostPorts();

    /** A sum of amounts of up to {@link Long#MAX_VALUE}, which a long could not hold. */
    private static final class Total {

        /** In units of 2^32. */
        private long high;

        private long low;

        void add(long amount) {
            high += amount >>> 32;
            low += amount & 0xffff_ffffL;
        }

        void subtract(long amount) {
            high -= amount >>> 32;
            low -= amount & 0xffff_ffffL;
        }

        /** At most {@link Long#MAX_VALUE}. */
        long value() {
            long whole = high + (low >>> 32);
            return whole > Integer.MAX_VALUE ? Long.MAX_VALUE : (whole << 32) + (low & 0xffff_ffffL);
        }
    }

    ReservationLedger() {}

    /** What each pod reserves; a pod that reserves nothing is absent. Not a copy. */
    Map<PodName, List<NodeReservation>> reservations() {
        return reservations;
    }

    /** What a pod reserves; empty if nothing. */
    List<NodeReservation> of(PodName pod) {
        return reservations.getOrDefault(pod, List.of());
    }

    /** How many pods reserve anything. */
    int pods() {
        return reservations.size();
    }

    /** Replaces what a pod reserves. Its versions never run at the same time, so the greatest request counts. */
    void put(PodName pod, List<NodeReservation> now) {
        List<NodeReservation> before = now.isEmpty() ? reservations.remove(pod) : reservations.put(pod, now);
        if (before != null) {
            for (NodeReservation reservation : before) {
                for (NodeReservation.HostPort port : reservation.ports()) {
                    ports.remove(pod, port);
                }
            }
            requests(before).forEach((resource, amount) -> {
                Total total = totals.get(resource);
                if (total != null) {
                    total.subtract(amount);
                }
            });
        }
        for (NodeReservation reservation : now) {
            for (NodeReservation.HostPort port : reservation.ports()) {
                ports.add(pod, port);
            }
        }
        requests(now)
                .forEach((resource, amount) ->
                        totals.computeIfAbsent(resource, _ -> new Total()).add(amount));
    }

    private static Map<String, Long> requests(List<NodeReservation> versions) {
        if (versions.isEmpty()) {
            return Map.of();
        }
        if (versions.size() == 1) {
            return versions.getFirst().requests();
        }
        Map<String, Long> greatest = new HashMap<>();
        for (NodeReservation version : versions) {
            version.requests().forEach((resource, amount) -> greatest.merge(resource, amount, Math::max));
        }
        return greatest;
    }

    /** How much of a resource all pods together request, at most {@link Long#MAX_VALUE}. */
    long used(String resource) {
        Total total = totals.get(resource);
        return total == null ? 0 : total.value();
    }

    /** The first pod by name that takes a port; empty if the port is free. */
    Optional<PodName> taker(NodeReservation.HostPort port) {
        return ports.taker(port);
    }

    /** Whether all these pods can run side by side. */
    boolean fits(NodeAllocatable node, Map<String, Long> resources) {
        if (reservations.size() > node.maxPods() || ports.contested()) {
            return false;
        }
        for (Map.Entry<String, Total> total : totals.entrySet()) {
            if (total.getValue().value() > resources.getOrDefault(total.getKey(), Long.MAX_VALUE)) {
                return false;
            }
        }
        return true;
    }
}
