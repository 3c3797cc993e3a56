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

/**
 * Decides whether a pod can run on this node beside others, with the kubelet's reasons and messages, in the kubelet's order
 * of checks. Pure. Source: the kubelet's admission, and the predicates of the scheduler that it uses.
 */
final class NodeFit {

    private static final String OS = "kubernetes.io/os";

    private final NodeAllocatable node;
    private final Map<PodName, List<NodeReservation>> others;

    /** @param others what the other pods reserve; not changed while this is used */
    NodeFit(NodeAllocatable node, Map<PodName, List<NodeReservation>> others) {
        this.node = node;
        this.others = others;
    }

    /** Why a pod cannot run; empty if it can. */
    Optional<AdmissionRejection> check(Pod pod, NodeReservation reservation) {
        Optional<AdmissionRejection> os = os(pod);
        if (os.isPresent()) {
            return os;
        }
        if (others.size() + 1 > node.maxPods()) {
            return outOf("pods", 1, others.size(), node.maxPods());
        }
        return resources(reservation).or(() -> nodeAffinity(pod)).or(() -> ports(reservation));
    }

    /** Why a pod cannot run on this node according to its node selector and affinity; empty if it can. */
    Optional<AdmissionRejection> placement(Pod pod) {
        return os(pod).or(() -> nodeAffinity(pod));
    }

    private static Optional<AdmissionRejection> os(Pod pod) {
        String os = pod.labels().getOrDefault(OS, "linux");
        if (!os.equals("linux")) {
            return reject(
                    "PodOSSelectorNodeLabelDoesNotMatch",
                    "Failed to admit pod as the `kubernetes.io/os` label doesn't match node label");
        }
        return Optional.empty();
    }

    private Optional<AdmissionRejection> resources(NodeReservation reservation) {
        if (reservation.requests().isEmpty()) {
            return Optional.empty();
        }
        Map<String, Long> allocatable = node.allocatable().get();
        for (Map.Entry<String, Long> request : reservation.requests().entrySet()) {
            Long capacity = allocatable.get(request.getKey());
            long used = used(request.getKey());
            if (capacity != null && request.getValue() > capacity - used) {
                return outOf(request.getKey(), request.getValue(), used, capacity);
            }
        }
        return Optional.empty();
    }

    /** Versions of one pod never run at the same time. */
    private long used(String resource) {
        long used = 0;
        for (List<NodeReservation> reservations : others.values()) {
            used += reservations.stream()
                    .mapToLong(reservation -> reservation.requests().getOrDefault(resource, 0L))
                    .max()
                    .orElse(0);
        }
        return used;
    }

    private static Optional<AdmissionRejection> outOf(String resource, long requested, long used, long capacity) {
        return reject(
                "OutOf" + resource,
                "Node didn't have enough resource: " + resource + ", requested: " + requested + ", used: " + used
                        + ", capacity: " + capacity);
    }

    private Optional<AdmissionRejection> nodeAffinity(Pod pod) {
        if (pod.spec().scheduling().nodes().allows(node.name(), node.labels())) {
            return Optional.empty();
        }
        return reject(
                "NodeAffinity",
                "Predicate NodeAffinity failed: node(s) didn't match Pod's node affinity/selector: this node "
                        + pod.spec().scheduling().nodes().mismatch(node.name(), node.labels())
                        + "; --node-labels sets labels");
    }

    private Optional<AdmissionRejection> ports(NodeReservation reservation) {
        for (NodeReservation.HostPort port : reservation.ports()) {
            for (Map.Entry<PodName, List<NodeReservation>> other : others.entrySet()) {
                if (other.getValue().stream()
                        .anyMatch(taken -> taken.ports().stream().anyMatch(port::conflictsWith))) {
                    return reject(
                            "NodePorts",
                            "Predicate NodePorts failed: node(s) didn't have free ports for the requested pod ports; "
                                    + port + " is taken by pod " + other.getKey());
                }
            }
        }
        return Optional.empty();
    }

    private static Optional<AdmissionRejection> reject(String reason, String message) {
        return Optional.of(new AdmissionRejection(reason, message));
    }
}
