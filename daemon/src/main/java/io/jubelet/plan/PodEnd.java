/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.plan;

import io.jubelet.observed.ObservedContainer.State;
import io.jubelet.observed.ObservedPod;
import io.jubelet.pod.PodSpec;
import io.jubelet.pod.PodStatus.Phase;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How a pod has ended for good: no container of it is started again until its manifest changes. Immutable.
 *
 * @param phase Succeeded or Failed
 * @param reason in CamelCase; empty if the states of the containers explain the end
 * @param message for the user; empty if the states of the containers explain the end
 * @param containers the last instances of the containers, if the end was recorded; otherwise the runtime shows them
 */
public record PodEnd(Phase phase, Optional<String> reason, Optional<String> message, List<Container> containers) {

    /**
     * The last instance of a container.
     *
     * @param name in the spec
     * @param attempt its restart count
     * @param exitCode as the runtime reported it
     * @param reason as the runtime reported it; empty if it reported none
     * @param startedAt by the runtime's clock; null if it never started, or if that is not known
     * @param finishedAt by the runtime's clock; null if that is not known
     */
    public record Container(
            String name,
            int attempt,
            int exitCode,
            Optional<String> reason,
            @Nullable Instant startedAt,
            @Nullable Instant finishedAt) {
        public Container {
            Objects.requireNonNull(name, "name");
            Objects.requireNonNull(reason, "reason");
        }
    }

    /** The pod was active for longer than its deadline; reason and message are the kubelet's. */
    public static final PodEnd DEADLINE = new PodEnd(
            Phase.Failed,
            Optional.of(KubeletReasons.DEADLINE_EXCEEDED),
            Optional.of("Pod was active on the node longer than the specified deadline"));

    /** Every container has completed. */
    static final PodEnd SUCCEEDED = new PodEnd(Phase.Succeeded, Optional.empty(), Optional.empty());

    /** Some container has failed. */
    static final PodEnd FAILED = new PodEnd(Phase.Failed, Optional.empty(), Optional.empty());

    public PodEnd {
        Objects.requireNonNull(phase, "phase");
        Objects.requireNonNull(reason, "reason");
        Objects.requireNonNull(message, "message");
        containers = List.copyOf(containers);
    }

    private PodEnd(Phase phase, Optional<String> reason, Optional<String> message) {
        this(phase, reason, message, List.of());
    }

    /** Whether the pod was active for longer than its deadline. */
    public boolean byDeadline() {
        return reason.equals(DEADLINE.reason());
    }

    /** The same end with what the runtime shows of the containers, for the record. */
    PodEnd with(PodSpec spec, ObservedPod version, String uid) {
        List<Container> last = new ArrayList<>();
        spec.allContainers()
                .forEach(container -> version.newest(uid, container.name()).ifPresent(instance -> {
                    if (instance.state() instanceof State.Exited exited) {
                        last.add(new Container(
                                container.name(),
                                instance.attempt(),
                                exited.exitCode(),
                                exited.reason().isEmpty() ? Optional.empty() : Optional.of(exited.reason()),
                                exited.startedAt(),
                                exited.finishedAt()));
                    }
                }));
        return new PodEnd(phase, reason, message, last);
    }
}
