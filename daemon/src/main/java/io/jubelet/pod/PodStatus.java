/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.pod;

import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * Status of a pod, calculated from the containers on the runtime.
 *
 * @param phase never null
 * @param reason one CamelCase word why the pod is in this state; empty as in the API when there is none
 * @param message one sentence for people; empty as in the API when there is none
 * @param conditions in the kubelet's order
 * @param containerStatuses never null
 * @param compute never null
 * @param ips never null
 * @param startTime when the daemon first acted on this version of the pod; empty before
 */
public record PodStatus(
        Phase phase,
        String reason,
        String message,
        List<Condition> conditions,
        Containers containerStatuses,
        Compute compute,
        Ips ips,
        Optional<Instant> startTime) {

    /** Phase of a pod. Spelled as in the API. */
    public enum Phase {
        Pending,
        Running,
        Succeeded,
        Failed,
        Unknown
    }

    /**
     * The statuses of all containers, each list in the order of the spec.
     *
     * @param init of the init containers, sidecars among them
     * @param main of the other containers
     */
    public record Containers(List<ContainerStatus> init, List<ContainerStatus> main) {
        public Containers {
            init = List.copyOf(init);
            main = List.copyOf(main);
        }
    }

    /**
     * What the node gives to the pod as a whole.
     *
     * @param qosClass never null
     * @param allocation empty if the content of the pod is lost
     */
    public record Compute(QosClass qosClass, Optional<ContainerStatus.Allocation> allocation) {
        public Compute {
            Objects.requireNonNull(qosClass, "qosClass");
            Objects.requireNonNull(allocation, "allocation");
        }
    }

    /**
     * Addresses, the primary first.
     *
     * @param host of the node; may be empty
     * @param pod of the pod; empty before its sandbox runs
     */
    public record Ips(List<String> host, List<String> pod) {
        public Ips {
            host = List.copyOf(host);
            pod = List.copyOf(pod);
        }
    }

    /**
     * One condition of a pod.
     *
     * @param type such as {@code Ready}
     * @param status whether it holds
     * @param reason CamelCase word, empty when it holds
     * @param message sentence, empty when it holds
     * @param lastTransition when {@code status} last changed
     */
    public record Condition(String type, boolean status, String reason, String message, Instant lastTransition) {
        public Condition {
            Objects.requireNonNull(type, "type");
            Objects.requireNonNull(reason, "reason");
            Objects.requireNonNull(message, "message");
            Objects.requireNonNull(lastTransition, "lastTransition");
        }
    }

    public PodStatus {
        Objects.requireNonNull(phase, "phase");
        Objects.requireNonNull(reason, "reason");
        Objects.requireNonNull(message, "message");
        conditions = List.copyOf(conditions);
        Objects.requireNonNull(containerStatuses, "containerStatuses");
        Objects.requireNonNull(compute, "compute");
        Objects.requireNonNull(ips, "ips");
        Objects.requireNonNull(startTime, "startTime");
    }

    /** One status for each init container of the spec, sidecars among them, in the order of the spec. */
    public List<ContainerStatus> initContainers() {
        return containerStatuses.init();
    }

    /** One status for each container of the spec that is not an init container, in the order of the spec. */
    public List<ContainerStatus> containers() {
        return containerStatuses.main();
    }
}
