package io.jubelet.reconcile;

import io.jubelet.cri.ContainerId;
import io.jubelet.observed.ObservedPod;
import io.jubelet.plan.ActionFailure;
import io.jubelet.plan.PodAction;
import io.jubelet.plan.PodLifecycle;
import io.jubelet.plan.PodPlan;
import io.jubelet.pod.ContainerHealth;
import io.jubelet.pod.Pod;
import io.jubelet.pod.PodName;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * What a worker publishes after each step: the only thing that status and garbage collection ask about a pod.
 *
 * @param name the pod
 * @param wanted the version its manifest asks for; empty when there is none any more
 * @param running the version that the runtime holds, if its content is known; equal to {@code wanted} but during an update
 * @param lifecycle where the pod is in its life
 * @param observed what the runtime showed last
 * @param plan the last plan
 * @param health what the probes said last of containers that run; absent for those not asked yet
 * @param failures by container name, or by the empty name for the sandbox: the last failed action, until one succeeds
 * @param runtimeProblem why the runtime could not be asked, when the last turn failed for that
 * @param inProgress the action being executed at this moment
 * @param at when this view was made
 */
public record PodView(
        PodName name,
        Optional<Pod> wanted,
        Optional<Pod> running,
        PodLifecycle lifecycle,
        ObservedPod observed,
        PodPlan plan,
        Map<ContainerId, ContainerHealth> health,
        Map<String, ActionFailure> failures,
        Optional<String> runtimeProblem,
        Optional<InProgress> inProgress,
        Instant at) {

    /**
     * An action under way.
     *
     * @param action which
     * @param since when it began
     */
    public record InProgress(PodAction action, Instant since) {}

    public PodView {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(wanted, "wanted");
        Objects.requireNonNull(running, "running");
        Objects.requireNonNull(lifecycle, "lifecycle");
        Objects.requireNonNull(observed, "observed");
        Objects.requireNonNull(plan, "plan");
        health = Map.copyOf(health);
        failures = Map.copyOf(failures);
        Objects.requireNonNull(runtimeProblem, "runtimeProblem");
        Objects.requireNonNull(inProgress, "inProgress");
        Objects.requireNonNull(at, "at");
    }

    /** The version to show: the running one while an update waits or an old version ends, else the wanted one. */
    public Optional<Pod> shown() {
        return running.isPresent() ? running : wanted;
    }

    /** Whether the pod is ending. */
    public boolean terminating() {
        return lifecycle instanceof PodLifecycle.Terminating;
    }

    /** The same with what the probes say by now. */
    public PodView with(Map<ContainerId, ContainerHealth> newer) {
        return new PodView(
                name, wanted, running, lifecycle, observed, plan, newer, failures, runtimeProblem, inProgress, at);
    }
}
