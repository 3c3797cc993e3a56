/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.admission;

import io.jubelet.pod.PodName;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Which pods take which ports of the node. No operation looks at every pod, not even if all of them take the same port. Not
 * thread-safe.
 */
final class HostPorts {

    /** By {@link #key}. */
    private final Map<Integer, Port> ports = new HashMap<>();

    /** How many ports are taken by pods that conflict. */
    private int contested;

    private static Integer key(NodeReservation.HostPort port) {
        return port.port() * 8 + port.protocol().ordinal();
    }

    private static String address(NodeReservation.HostPort port) {
        return port.onAllAddresses() ? "" : port.ip();
    }

    /** Adds a port of a pod; without an effect if the pod has it already. */
    void add(PodName pod, NodeReservation.HostPort taken) {
        Port port = ports.computeIfAbsent(key(taken), _ -> new Port());
        boolean before = port.contested();
        port.add(pod, address(taken));
        contested += !before && port.contested() ? 1 : 0;
    }

    /** Removes a port of a pod; without an effect if the pod does not have it. */
    void remove(PodName pod, NodeReservation.HostPort taken) {
        Port port = ports.get(key(taken));
        if (port == null) {
            return;
        }
        boolean before = port.contested();
        port.remove(pod, address(taken));
        contested -= before && !port.contested() ? 1 : 0;
        if (port.all.isEmpty()) {
            ports.remove(key(taken));
        }
    }

    /** The first pod by name that takes this port on an address that is the same; empty if the port is free. */
    Optional<PodName> taker(NodeReservation.HostPort wanted) {
        Port port = ports.get(key(wanted));
        return port == null ? Optional.empty() : Optional.ofNullable(port.taker(address(wanted)));
    }

    /** Whether two pods take the same port. */
    boolean contested() {
        return contested > 0;
    }

    /** Who takes one port of one protocol. */
    private static final class Port {

        /** The pods by address; "" stands for all addresses. */
        private final Map<String, TreeSet<PodName>> byAddress = new HashMap<>();

        /** On how many addresses each pod takes the port. */
        private final TreeMap<PodName, Integer> all = new TreeMap<>();

        /** How many single addresses are taken by several pods. */
        private int contestedAddresses;

        boolean contested() {
            return contestedAddresses > 0 || (byAddress.containsKey("") && all.size() > 1);
        }

        void add(PodName pod, String address) {
            TreeSet<PodName> pods = byAddress.computeIfAbsent(address, _ -> new TreeSet<>());
            if (pods.add(pod)) {
                contestedAddresses += !address.isEmpty() && pods.size() == 2 ? 1 : 0;
                all.merge(pod, 1, Integer::sum);
            }
        }

        void remove(PodName pod, String address) {
            TreeSet<PodName> pods = byAddress.get(address);
            if (pods == null || !pods.remove(pod)) {
                return;
            }
            contestedAddresses -= !address.isEmpty() && pods.size() == 1 ? 1 : 0;
            if (pods.isEmpty()) {
                byAddress.remove(address);
            }
            all.computeIfPresent(pod, (_, count) -> count == 1 ? null : count - 1);
        }

        @Nullable
        PodName taker(String address) {
            if (address.isEmpty()) {
                return all.isEmpty() ? null : all.firstKey();
            }
            PodName here = first(byAddress.get(address));
            PodName everywhere = first(byAddress.get(""));
            boolean second = here == null || (everywhere != null && everywhere.compareTo(here) < 0);
            return second ? everywhere : here;
        }

        private static @Nullable PodName first(@Nullable TreeSet<PodName> pods) {
            return pods == null ? null : pods.first();
        }
    }
}
