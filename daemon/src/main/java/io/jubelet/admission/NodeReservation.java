/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.admission;

import io.jubelet.pod.ContainerPort;
import io.jubelet.pod.ContainerSpec;
import io.jubelet.pod.Pod;
import io.jubelet.pod.PodResources;
import io.jubelet.pod.PodSpec;
import io.jubelet.pod.Quantity;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What one version of a pod takes of the node, so that no other pod can have it. Immutable.
 *
 * @param uid the version's UID; empty if its content is lost
 * @param ports host ports of its containers and sidecars
 * @param requests millicores under {@code cpu} and bytes under the other names, in the order in which they are checked
 * @param wanted whether the pod's manifest still asks for this version
 */
record NodeReservation(Optional<String> uid, List<HostPort> ports, Map<String, Long> requests, boolean wanted) {

    private static final List<String> RESOURCES = List.of("cpu", "memory", "ephemeral-storage");

    /** A port of the node. */
    record HostPort(String ip, ContainerPort.Protocol protocol, int port) {

        boolean onAllAddresses() {
            return ip.isEmpty() || ip.equals("0.0.0.0") || ip.equals("::");
        }

        @Override
        public String toString() {
            return (ip.isEmpty() ? "" : ip + " ") + port + "/" + protocol;
        }
    }

    NodeReservation {
        ports = List.copyOf(ports);
    }

    // Written out for the reason given in PodName.

    @Override
    public boolean equals(Object other) {
        return other instanceof NodeReservation that
                && wanted == that.wanted
                && uid.equals(that.uid)
                && ports.equals(that.ports)
                && requests.equals(that.requests);
    }

    @Override
    public int hashCode() {
        return uid.hashCode();
    }

    static NodeReservation of(Pod pod, boolean wanted) {
        List<HostPort> ports = new ArrayList<>();
        PodSpec spec = pod.spec();
        for (ContainerSpec container : spec.allContainers().toList()) {
            boolean longRunning = !spec.isInit(container) || spec.isSidecar(container);
            for (ContainerPort port : longRunning ? container.ports() : List.<ContainerPort>of()) {
                if (port.hostPort() > 0) {
                    ports.add(new HostPort(port.hostIp(), port.protocol(), port.hostPort()));
                }
            }
        }
        Map<String, Long> requests = new LinkedHashMap<>();
        List<String> names = new ArrayList<>(RESOURCES);
        names.addAll(PodResources.hugePages(spec));
        for (String resource : names) {
            Optional<Quantity> request = PodResources.request(spec, resource);
            if (request.isPresent() && request.get().number().signum() > 0) {
                requests.put(
                        resource,
                        resource.equals("cpu")
                                ? request.get().milli()
                                : request.get().value());
            }
        }
        return new NodeReservation(Optional.of(pod.uid()), ports, requests, wanted);
    }

    /** The reservation of a version whose content is lost. */
    static NodeReservation unknown() {
        return new NodeReservation(Optional.empty(), List.of(), Map.of(), false);
    }

    /** Whether this reservation is that of {@code pod}, which is one version of a pod. */
    boolean isOf(Pod pod) {
        return uid.isPresent() && uid.get().equals(pod.uid());
    }

    /** Whether it takes ports or resources, and not only one place in the number of pods. */
    boolean limited() {
        return !ports.isEmpty() || !requests.isEmpty();
    }
}
