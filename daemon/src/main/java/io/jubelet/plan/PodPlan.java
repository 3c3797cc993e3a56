/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.plan;

import io.jubelet.pod.ContainerState;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * What to do about one pod, as data. Immutable.
 *
 * @param actions in the order in which they are executed. If one fails that has a {@link PodAction#failureKey}, the worker
 *     skips the others and makes a new plan, in which the failed container or sandbox waits; if another one fails, the turn
 *     fails
 * @param lifecycle where the pod is from this plan on
 * @param waiting by container name, why a container does not run although it should; of the version that is kept, which is
 *     the old one during an update
 * @param updateWaiting by container name of the new version, why that version does not replace the old one yet
 * @param end how the version that is kept has ended for good; empty if it has not
 * @param rejection why the wanted version is not started; empty if it may be, or runs
 * @param due when to plan again even without a signal, by the clock of {@link PlannerInput#now}; empty if only a signal matters
 */
public record PodPlan(
        List<PodAction> actions,
        PodLifecycle lifecycle,
        Map<String, ContainerState.Waiting> waiting,
        Map<String, ContainerState.Waiting> updateWaiting,
        Optional<PodEnd> end,
        Optional<AdmissionRejection> rejection,
        Optional<Instant> due) {

    public PodPlan {
        actions = List.copyOf(actions);
        Objects.requireNonNull(lifecycle, "lifecycle");
        waiting = Map.copyOf(waiting);
        updateWaiting = Map.copyOf(updateWaiting);
        Objects.requireNonNull(end, "end");
        Objects.requireNonNull(rejection, "refusal");
        Objects.requireNonNull(due, "due");
    }

    /** A plan for a pod that is not rejected. */
    public PodPlan(
            List<PodAction> actions,
            PodLifecycle lifecycle,
            Map<String, ContainerState.Waiting> waiting,
            Map<String, ContainerState.Waiting> updateWaiting,
            Optional<PodEnd> end,
            Optional<Instant> due) {
        this(actions, lifecycle, waiting, updateWaiting, end, Optional.empty(), due);
    }

    /** A plan for a pod that has not ended for good. */
    public PodPlan(
            List<PodAction> actions,
            PodLifecycle lifecycle,
            Map<String, ContainerState.Waiting> waiting,
            Map<String, ContainerState.Waiting> updateWaiting,
            Optional<Instant> due) {
        this(actions, lifecycle, waiting, updateWaiting, Optional.empty(), due);
    }

    /** The same plan with the reason why the wanted version is not started. */
    PodPlan withRejection(Optional<AdmissionRejection> why) {
        return new PodPlan(actions, lifecycle, waiting, updateWaiting, end, why, due);
    }

    /** A plan without actions and without a due time. */
    public static PodPlan nothing(PodLifecycle lifecycle) {
        return new PodPlan(List.of(), lifecycle, Map.of(), Map.of(), Optional.empty());
    }

    /** The same plan with another due time. */
    public PodPlan dueAt(Optional<Instant> moment) {
        return new PodPlan(actions, lifecycle, waiting, updateWaiting, end, rejection, moment);
    }

    /** The same plan with other actions. */
    PodPlan with(List<PodAction> other) {
        return new PodPlan(other, lifecycle, waiting, updateWaiting, end, rejection, due);
    }
}
