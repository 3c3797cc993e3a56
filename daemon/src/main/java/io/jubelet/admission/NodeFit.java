/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.admission;

import io.jubelet.plan.AdmissionRejection;
import io.jubelet.pod.Pod;
import io.jubelet.pod.PodName;
import java.util.Map;
import java.util.Optional;

/**
 * Decides whether a pod can run on this node beside others, with the kubelet's reasons and messages, in the kubelet's order
 * of checks. Pure. Source: the kubelet's admission, and the predicates of the scheduler that it uses.
 *
 * @param resources how much of each resource pods can take; others are not limited
 */
record NodeFit(NodeAllocatable node, Map<String, Long> resources) {

    private static final String OS = "kubernetes.io/os";

    /**
     * Why a pod cannot run; empty if it can.
     *
     * @param others what the other pods reserve, without the pod itself
     */
    Optional<AdmissionRejection> check(Pod pod, NodeReservation reservation, ReservationLedger others) {
        Optional<AdmissionRejection> os = os(pod);
        if (os.isPresent()) {
            return os;
        }
        if (others.pods() + 1 > node.maxPods()) {
            return outOf("pods", 1, others.pods(), node.maxPods());
        }
        return resources(reservation, others).or(() -> nodeAffinity(pod)).or(() -> ports(reservation, others));
    }

    /** Why a pod that ran here before has no place any more; empty if it has. The labels of the node do not count. */
    Optional<AdmissionRejection> checkPlace(NodeReservation reservation, ReservationLedger others) {
        return resources(reservation, others).or(() -> ports(reservation, others));
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

    private Optional<AdmissionRejection> resources(NodeReservation reservation, ReservationLedger others) {
        for (Map.Entry<String, Long> request : reservation.requests().entrySet()) {
            Long capacity = resources.get(request.getKey());
            long used = others.used(request.getKey());
            if (capacity != null && request.getValue() > capacity - used) {
                return outOf(request.getKey(), request.getValue(), used, capacity);
            }
        }
        return Optional.empty();
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

    private static Optional<AdmissionRejection> ports(NodeReservation reservation, ReservationLedger others) {
        for (NodeReservation.HostPort port : reservation.ports()) {
            Optional<PodName> taker = others.taker(port);
            if (taker.isPresent()) {
                return reject(
                        "NodePorts",
                        "Predicate NodePorts failed: node(s) didn't have free ports for the requested pod ports; "
                                + port + " is taken by pod " + taker.get());
            }
        }
        return Optional.empty();
    }

    private static Optional<AdmissionRejection> reject(String reason, String message) {
        return Optional.of(new AdmissionRejection(reason, message));
    }
}
