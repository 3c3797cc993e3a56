/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.status;

import io.jubelet.observed.ObservedContainer;
import io.jubelet.plan.ActionFailure;
import io.jubelet.plan.KubeletReasons;
import io.jubelet.plan.PodEnd;
import io.jubelet.plan.PodLifecycle;
import io.jubelet.pod.ContainerHealth;
import io.jubelet.pod.ContainerSpec;
import io.jubelet.pod.ContainerState;
import io.jubelet.pod.ContainerStatus;
import io.jubelet.pod.Pod;
import io.jubelet.pod.WaitingCause;
import io.jubelet.reconcile.PodView;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Builds the statuses of the containers of a pod from the view of its worker. Pure. */
final class ContainerStatusBuilder {
    /**
     * Source: the kubelet. The termination messages of all containers of a pod are truncated to
     * this many bytes together.
     */
    private static final int MAX_MESSAGES_OF_POD = 12_288;

    private static final ContainerStatus.Readiness NOT_READY = new ContainerStatus.Readiness(false, false);

    private static final String RUNTIME = "containerd://";

    private final PodView view;
    private final String uid;
    private final Optional<Pod> shown;
    private final boolean initializes;
    private final int maxMessage;

    ContainerStatusBuilder(PodView view) {
        this.view = view;
        this.uid = PodReport.uid(view);
        this.shown = view.shown();
        this.initializes =
                shown.isPresent() && !shown.get().spec().initContainers().isEmpty();
        int containers = shown.map(pod -> pod.spec().containers().size()
                        + pod.spec().initContainers().size())
                .orElse(1);
        this.maxMessage = MAX_MESSAGES_OF_POD / Math.max(1, containers);
    }

    /**
     * Returns one status for each container of the spec, in its order. If the spec is unknown, one
     * for each observed container.
     */
    List<ContainerStatus> build() {
        List<ContainerStatus> statuses = new ArrayList<>();
        if (shown.isPresent()) {
            for (ContainerSpec container : shown.get().spec().containers()) {
                statuses.add(status(container, running(container)));
            }
            return statuses;
        }
        List<String> seen = new ArrayList<>();
        for (ObservedContainer instance :
                view.observed().version(uid).containers().reversed()) {
            if (!seen.contains(instance.name())) {
                seen.add(instance.name());
                statuses.add(status(ContainerSpec.builder(instance.name(), "").build(), Optional.empty()));
            }
        }
        return statuses;
    }

    /** Returns one status for each init container of the spec, in its order. */
    List<ContainerStatus> buildInit() {
        List<ContainerStatus> statuses = new ArrayList<>();
        if (initializes) {
            for (ContainerSpec container : shown.get().spec().initContainers()) {
                ContainerStatus status = status(container, running(container));
                statuses.add(shown.get().spec().isSidecar(container) ? status : ofInit(status));
            }
        }
        return statuses;
    }

    /**
     * An init container is ready when it has completed. One that is gone completed before the
     * others could start.
     */
    private ContainerStatus ofInit(ContainerStatus status) {
        ContainerState state = status.state();
        Optional<ObservedContainer> main = view.observed().containers().stream()
                .filter(instance -> instance.uid().equals(uid) && isMain(instance))
                .findFirst();
        if (status.ids().container().isEmpty() && main.isPresent()) {
            state = new ContainerState.Terminated(
                    0,
                    "Completed",
                    "Unable to get init container status from container runtime and pod has been initialized, treat it"
                            + " as exited normally",
                    Optional.empty(),
                    Optional.ofNullable(main.get().createdAt()),
                    "");
        }
        boolean done = state instanceof ContainerState.Terminated ended && ended.exitCode() == 0;
        return new ContainerStatus(
                status.name(),
                state,
                status.lastState(),
                new ContainerStatus.Readiness(done, status.started()),
                status.restartCount(),
                status.image(),
                status.ids(),
                status.enacted());
    }

    private boolean isMain(ObservedContainer instance) {
        return shown.isPresent()
                && shown.get().spec().containers().stream()
                        .anyMatch(container -> container.name().equals(instance.name()));
    }

    /** The result of the probes for the newest instance. */
    private Optional<ContainerHealth> running(ContainerSpec container) {
        return view.observed()
                .newest(uid, container.name())
                .map(instance ->
                        view.health().getOrDefault(instance.id(), ContainerHealth.unknown(container.probes())));
    }

    private ContainerStatus status(ContainerSpec container, Optional<ContainerHealth> health) {
        String name = container.name();
        ObservedContainer newest = null;
        ObservedContainer second = null;
        for (ObservedContainer instance : view.observed().containers()) {
            if (instance.uid().equals(uid) && instance.name().equals(name)) {
                if (newest == null) {
                    newest = instance;
                } else {
                    second = instance;
                    break;
                }
            }
        }
        Optional<PodEnd.Container> recorded = newest == null ? recorded(name) : Optional.empty();
        if (recorded.isPresent()) {
            return new ContainerStatus(
                    name,
                    terminated(recorded.get()),
                    Optional.empty(),
                    NOT_READY,
                    recorded.get().attempt(),
                    container.image(),
                    ContainerStatus.RuntimeIds.NONE,
                    EnactedStatus.of(container, Optional.empty()));
        }
        if (newest == null) {
            return new ContainerStatus(
                    name,
                    reason(name).orElse(notCreated(WaitingCause.Other.CREATING, "")),
                    Optional.empty(),
                    NOT_READY,
                    0,
                    container.image(),
                    ContainerStatus.RuntimeIds.NONE,
                    EnactedStatus.of(container, Optional.empty()));
        }
        Optional<ContainerState.Terminated> before = second == null ? Optional.empty() : terminated(second);
        ContainerState state = switch (newest.state()) {
            case ObservedContainer.State.Running running ->
                new ContainerState.Running(Optional.ofNullable(running.startedAt()));
            case ObservedContainer.State.Created _, ObservedContainer.State.Starting _ ->
                reason(name).orElse(notCreated(WaitingCause.Other.CREATING, ""));
            case ObservedContainer.State.Unknown _ ->
                new ContainerState.Waiting(
                        WaitingCause.Other.STATE_UNKNOWN,
                        "ContainerStatusUnknown",
                        "the runtime cannot tell the state of this container");
            case ObservedContainer.State.Exited exited -> terminated(newest, exited);
        };
        // A container that will be restarted is waiting, and how it ended is its last state.
        Optional<ContainerState.Waiting> again = reason(name);
        if (state instanceof ContainerState.Terminated ended
                && again.isPresent()
                && view.plan().waiting().containsKey(name)) {
            before = Optional.of(ended);
            state = again.get();
        }
        boolean runs = state instanceof ContainerState.Running;
        return new ContainerStatus(
                name,
                state,
                before,
                new ContainerStatus.Readiness(
                        runs && health.map(ContainerHealth::ready).orElse(true),
                        runs && health.map(ContainerHealth::started).orElse(true)),
                newest.attempt(),
                container.image(),
                new ContainerStatus.RuntimeIds(newest.imageId(), containerId(newest)),
                EnactedStatus.of(container, Optional.of(newest)));
    }

    /** Why a container of the shown version does not run although it should. */
    private Optional<ContainerState.Waiting> reason(String container) {
        if (!(view.lifecycle() instanceof PodLifecycle.Syncing)) {
            return Optional.empty();
        }
        ContainerState.Waiting waiting = view.plan().waiting().get(container);
        ActionFailure failure = view.failures().get(container);
        if (failure != null && (waiting == null || waiting.cause() == WaitingCause.Other.CREATING)) {
            return Optional.of(
                    new ContainerState.Waiting(WaitingCause.Other.START_FAILED, failure.reason(), failure.message()));
        }
        if (waiting != null && waiting.cause().beforeCreation()) {
            return Optional.of(notCreated(waiting.cause(), waiting.message()));
        }
        return Optional.ofNullable(waiting);
    }

    /** The state of a container that has not been created yet. */
    private ContainerState.Waiting notCreated(WaitingCause cause, String message) {
        return new ContainerState.Waiting(
                cause, initializes ? KubeletReasons.POD_INITIALIZING : KubeletReasons.CONTAINER_CREATING, message);
    }

    /** The ID of an instance as the status gives it: with the scheme of the runtime. */
    static String containerId(ObservedContainer instance) {
        return RUNTIME + instance.id().value();
    }

    /** The last instance of a container of a pod that is over, if the runtime does not show it any more. */
    private Optional<PodEnd.Container> recorded(String name) {
        return view.plan().end().stream()
                .flatMap(end -> end.containers().stream())
                .filter(container -> container.name().equals(name))
                .findFirst();
    }

    private static ContainerState.Terminated terminated(PodEnd.Container recorded) {
        return new ContainerState.Terminated(
                recorded.exitCode(),
                recorded.reason().orElse(reason(recorded.exitCode())),
                "",
                Optional.ofNullable(recorded.startedAt()),
                Optional.ofNullable(recorded.finishedAt()),
                "");
    }

    /** The reason for an end for which the runtime gives none. */
    private static String reason(int exitCode) {
        return exitCode == 0 ? "Completed" : "Error";
    }

    private Optional<ContainerState.Terminated> terminated(ObservedContainer instance) {
        return instance.state() instanceof ObservedContainer.State.Exited exited
                ? Optional.of(terminated(instance, exited))
                : Optional.empty();
    }

    private ContainerState.Terminated terminated(ObservedContainer instance, ObservedContainer.State.Exited exited) {
        String reason = exited.reason();
        if (reason.isEmpty()) {
            reason = reason(exited.exitCode());
        }
        return new ContainerState.Terminated(
                exited.exitCode(),
                reason,
                truncate(exited.message()),
                Optional.ofNullable(exited.startedAt()),
                Optional.ofNullable(exited.finishedAt()),
                containerId(instance));
    }

    private String truncate(String message) {
        if (message.length() * 3L <= maxMessage) {
            return message;
        }
        byte[] bytes = message.getBytes(StandardCharsets.UTF_8);
        return bytes.length <= maxMessage ? message : new String(bytes, 0, maxMessage, StandardCharsets.UTF_8);
    }
}
