package io.jubelet.pod;

import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * Status of a pod, computed locally from what the runtime shows.
 *
 * @param phase never null
 * @param reason one CamelCase word why the pod is in this state, empty when there is nothing to tell
 * @param message one sentence for people, empty when there is nothing to tell
 * @param conditions in the kubelet's order
 * @param initContainers one for each init container of the spec, sidecars among them, in its order
 * @param containers one for each container of the spec, in its order
 * @param qosClass never null
 * @param hostIps addresses of the node, the primary first; may be empty
 * @param podIps addresses of the pod, the primary first; empty before its sandbox runs
 * @param startTime when this version of the pod was first acted on
 */
public record PodStatus(
        Phase phase,
        String reason,
        String message,
        List<Condition> conditions,
        List<ContainerStatus> initContainers,
        List<ContainerStatus> containers,
        QosClass qosClass,
        List<String> hostIps,
        List<String> podIps,
        Optional<Instant> startTime) {

    /** Phase of a pod. Spelt as in the API. */
    public enum Phase {
        Pending,
        Running,
        Succeeded,
        Failed,
        Unknown
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
        initContainers = List.copyOf(initContainers);
        containers = List.copyOf(containers);
        Objects.requireNonNull(qosClass, "qosClass");
        hostIps = List.copyOf(hostIps);
        podIps = List.copyOf(podIps);
        Objects.requireNonNull(startTime, "startTime");
    }
}
