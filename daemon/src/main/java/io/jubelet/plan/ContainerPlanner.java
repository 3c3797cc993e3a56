/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.plan;

import io.jubelet.cri.PodSandboxId;
import io.jubelet.observed.ObservedContainer;
import io.jubelet.observed.ObservedContainer.State;
import io.jubelet.pod.ContainerSpec;
import io.jubelet.pod.ContainerState.Waiting;
import io.jubelet.pod.Pod;
import io.jubelet.pod.Probe;
import io.jubelet.pod.WaitingCause;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Plans what keeps one container running in a ready sandbox, whether it is an init container or not. {@link InitPlanner} and
 * {@link VersionPlanner} decide whose turn it is. Made for one plan and one thread; pure.
 */
final class ContainerPlanner {

    private final PlannerInput input;
    private final Pod pod;
    private final RestartBackoff backoff;
    private final VersionProgress progress;
    private final ImagePlanner images;
    private final PlanBuilder builder;

    ContainerPlanner(
            PlannerInput input,
            Pod pod,
            RestartBackoff backoff,
            VersionProgress progress,
            ImagePlanner images,
            PlanBuilder builder) {
        this.input = input;
        this.pod = pod;
        this.backoff = backoff;
        this.progress = progress;
        this.images = images;
        this.builder = builder;
    }

    /**
     * Plans what the container needs, or why it waits.
     *
     * @param holdStarts whether an earlier container waits for its image or its postStart hook, so that this one must not make
     *     its first start yet
     * @return whether later containers must not make their first start before this one
     */
    boolean keep(PodSandboxId sandbox, ContainerSpec container, boolean holdStarts) {
        Optional<ObservedContainer> newest = progress.newest(container);
        if (newest.isPresent() && neverRan(sandbox, container, newest.get())) {
            remove(newest.get());
            return false;
        }
        Optional<ObservedContainer> current = progress.current(container);
        if (current.isEmpty()) {
            return start(sandbox, container, holdStarts);
        }
        ObservedContainer instance = current.get();
        return switch (instance.state()) {
            case State.Running _ -> {
                stopIfUnhealthy(container, instance);
                yield false;
            }
            case State.Starting starting -> {
                finishStart(container, instance, starting);
                yield true;
            }
            case State.Unknown _ -> {
                builder.add(new PodAction.StopContainers(
                        List.of(instance.id()),
                        pod.spec().terminationGracePeriod(),
                        "the runtime does not know its state"));
                yield false;
            }
            case State.Created _ -> startCreated(container, instance, holdStarts);
            case State.Exited exited -> restart(sandbox, container, instance, exited);
        };
    }

    /** Waits for the postStart hook of a container, or stops the container because the hook failed. */
    private void finishStart(ContainerSpec container, ObservedContainer instance, State.Starting starting) {
        builder.waiting(container, PlanBuilder.HOOK_RUNS);
        if (starting.failure().isPresent()) {
            builder.add(new PodAction.StopContainers(
                    List.of(instance.id()), pod.spec().terminationGracePeriod(), "its postStart hook failed"));
        }
    }

    /** Stops a container whose startup or liveness probe failed for good; a later plan sees that it ended and starts it again. */
    private void stopIfUnhealthy(ContainerSpec container, ObservedContainer instance) {
        input.health(container, instance.id()).failure().ifPresent(failure -> {
            String probe = failure.kind() == Probe.Kind.STARTUP ? "startup" : "liveness";
            String then = RestartDecision.afterProbe(pod.spec(), container) == RestartDecision.STAY
                    ? ""
                    : ", will be restarted";
            builder.add(new PodAction.StopContainers(
                    List.of(instance.id()),
                    failure.gracePeriod().orElse(pod.spec().terminationGracePeriod()),
                    "Container " + container.name() + " failed " + probe + " probe" + then));
        });
    }

    /** Whether an instance has not run and will not: its start was interrupted, or its sandbox or round is over. */
    private boolean neverRan(PodSandboxId sandbox, ContainerSpec container, ObservedContainer instance) {
        return switch (instance.state()) {
            case State.Exited exited -> progress.startWasInterrupted(container, instance, exited);
            case State.Created _ -> !instance.sandboxId().equals(sandbox) || instance.round() < progress.round();
            case State.Starting _, State.Running _, State.Unknown _ -> false;
        };
    }

    /** Makes room for another instance with the same restart count, because no restart has happened. */
    private void remove(ObservedContainer instance) {
        String why = instance.state() instanceof State.Created ? "it was created" : "its start was interrupted";
        builder.add(new PodAction.RemoveContainer(
                instance.id(), instance.name(), instance.attempt(), instance.uid(), false, why + " and it never ran"));
    }

    private boolean startCreated(ContainerSpec container, ObservedContainer instance, boolean holdStarts) {
        Optional<ActionFailure> failure = recentFailure(container);
        if (failure.isPresent()) {
            report(container, failure.get());
            return false;
        }
        if (holdStarts && instance.attempt() == 0) {
            builder.waiting(container, PlanBuilder.CREATING);
            return false;
        }
        builder.add(new PodAction.StartCreated(pod, instance.id(), container.name(), "it was created but not started"));
        return hasPostStart(container);
    }

    private boolean restart(
            PodSandboxId sandbox, ContainerSpec container, ObservedContainer instance, State.Exited exited) {
        return progress.decision(container, instance, exited) != RestartDecision.STAY
                && !inCrashLoopBackOff(container, instance, exited)
                && start(sandbox, container, false);
    }

    private static boolean hasPostStart(ContainerSpec container) {
        return container.hooks().postStart().isPresent();
    }

    /** Whether the crash-loop back-off after the end of an instance still lasts; if so, the plan says that the container waits. */
    boolean inCrashLoopBackOff(ContainerSpec container, ObservedContainer instance, State.Exited exited) {
        Duration delay = delay(instance, exited);
        Instant from = input.run(instance, exited).end().plus(delay);
        if (!input.now().isBefore(from)) {
            return false;
        }
        builder.waiting(
                container,
                new Waiting(
                        WaitingCause.Other.CRASH_LOOP,
                        KubeletReasons.CRASH_LOOP_BACK_OFF,
                        "back-off " + text(delay) + " restarting failed container=" + container.name() + " pod="
                                + pod.fullName() + "_" + pod.name().namespace() + "(" + pod.uid() + ")"));
        builder.planAgainAt(from);
        return true;
    }

    private Duration delay(ObservedContainer instance, State.Exited exited) {
        return backoff.delay(instance.backoff(), input.run(instance, exited).length());
    }

    private boolean start(PodSandboxId sandbox, ContainerSpec container, boolean holdStarts) {
        Optional<ActionFailure> failure = recentFailure(container);
        if (failure.isPresent()) {
            report(container, failure.get());
            return false;
        }
        Optional<ObservedContainer> previous = progress.newest(container);
        builder.waiting(container, PlanBuilder.CREATING);
        Optional<PodAction.ContainerImages> ids = images.ids(container, previous);
        if (ids.isEmpty()) {
            return images.pulling(container);
        }
        if (holdStarts) {
            return false;
        }
        builder.add(new PodAction.StartContainer(
                pod,
                sandbox,
                container.name(),
                previous.map(p -> p.attempt() + 1).orElse(0),
                previous.map(p -> nextBackoff(container, p)).orElse(Duration.ZERO),
                progress.round(),
                ids.get(),
                previous.map(p -> reason(container, p)).orElse("it has not been started yet")));
        return hasPostStart(container);
    }

    /** The back-off to store with the instance that follows another. */
    private Duration nextBackoff(ContainerSpec container, ObservedContainer previous) {
        if (previous.state() instanceof State.Exited exited) {
            boolean endedByItself = progress.current(container).isPresent()
                    || progress.decision(container, previous, exited) == RestartDecision.RESTART_ALL;
            return endedByItself ? backoff.following(delay(previous, exited)) : previous.backoff();
        }
        return backoff.following(Duration.ZERO);
    }

    private String reason(ContainerSpec container, ObservedContainer previous) {
        if (previous.round() < progress.round()) {
            return "all containers are restarted";
        }
        if (progress.current(container).isEmpty()) {
            return "the pod restarts in a new sandbox";
        }
        return switch (previous.state()) {
            case State.Exited exited -> "it ended with exit code " + exited.exitCode();
            case State.Created _, State.Running _, State.Starting _, State.Unknown _ -> "it ended with its sandbox";
        };
    }

    /** Whether a start of the container failed and must not be retried yet. */
    boolean inFailureBackOff(ContainerSpec container) {
        return recentFailure(container).isPresent();
    }

    private Optional<ActionFailure> recentFailure(ContainerSpec container) {
        ActionFailure failure = input.failures().get(container.name());
        return failure != null && input.now().isBefore(failure.retryAt()) ? Optional.of(failure) : Optional.empty();
    }

    private void report(ContainerSpec container, ActionFailure failure) {
        builder.waiting(container, new Waiting(WaitingCause.Other.START_FAILED, failure.reason(), failure.message()));
        builder.planAgainAt(failure.retryAt());
    }

    /** Formats whole seconds as the kubelet does: {@code 10s}, {@code 2m40s}, {@code 5m0s}. */
    private static String text(Duration delay) {
        long seconds = delay.toSeconds();
        return seconds < 60 ? seconds + "s" : seconds / 60 + "m" + seconds % 60 + "s";
    }
}
