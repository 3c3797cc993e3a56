package io.jubelet.plan;

import io.jubelet.pod.ContainerState;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * What to do about one pod, as data.
 *
 * @param actions in the order they are to be taken; the first that fails ends the turn
 * @param lifecycle where the pod is once the plan is made
 * @param waiting by container name, why it does not run although it should; shown to the user. It is about the version
 *     that is kept: during an update, the old one
 * @param updateWaiting by container name of a new version, why it does not replace the one that runs yet
 * @param end how the version that is kept has ended for good, if it has
 * @param rejection why the wanted version is not started, if it is held back for that
 * @param due when to look again even if nobody signals
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

    /** A plan for a pod that may run. */
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

    /** The same, with the reason why the wanted version is held back. */
    PodPlan withRejection(Optional<AdmissionRejection> why) {
        return new PodPlan(actions, lifecycle, waiting, updateWaiting, end, why, due);
    }

    /** Nothing to do, and nothing to wait for but a signal. */
    public static PodPlan nothing(PodLifecycle lifecycle) {
        return new PodPlan(List.of(), lifecycle, Map.of(), Map.of(), Optional.empty());
    }

    /** The same with other actions. */
    PodPlan with(List<PodAction> other) {
        return new PodPlan(other, lifecycle, waiting, updateWaiting, end, rejection, due);
    }
}
