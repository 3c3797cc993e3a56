/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.reconcile;

import io.jubelet.events.EventRecorder;
import io.jubelet.observed.ObservedContainer;
import io.jubelet.observed.ObservedPod;
import io.jubelet.plan.ActionFailedException;
import io.jubelet.plan.AdmissionRejection;
import io.jubelet.plan.KubeletReasons;
import io.jubelet.plan.PlannerInput;
import io.jubelet.plan.PodAction;
import io.jubelet.plan.PodEnd;
import io.jubelet.plan.PodLifecycle;
import io.jubelet.plan.PodPlan;
import io.jubelet.plan.PodVersions;
import io.jubelet.pod.ContainerSpec;
import io.jubelet.pod.ContainerState.Waiting;
import io.jubelet.pod.ImageError;
import io.jubelet.pod.Pod;
import io.jubelet.pod.PodName;
import io.jubelet.pod.WaitingCause;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Records what one worker does, and what its containers wait for, as events in the kubelet's words.
 *
 * <p>Confined to the worker's thread. What several plans in a row say is recorded once.
 */
final class WorkerEvents {

    /** The reason of events about failures. */
    static final String FAILED = "Failed";

    private final PodName name;
    private final EventRecorder events;
    private final ImageEvents images;
    /** Why each container waited according to the last event, by container name. */
    private final Map<String, Waiting> reportedWaiting = new HashMap<>();

    private boolean deadlineReported;
    private Optional<AdmissionRejection> reportedRejection = Optional.empty();
    private PodVersions versions = PodVersions.NONE;

    WorkerEvents(PodName name, EventRecorder events) {
        this.name = name;
        this.events = events;
        this.images = new ImageEvents(events);
    }

    // --- plans

    /** Records what is new in a plan. */
    void planned(PlannerInput input, PodPlan plan) {
        versions = input.versions();
        images.update(input.images());
        boolean update = versions.running().isPresent() && plan.lifecycle() instanceof PodLifecycle.Syncing;
        reportedWaiting
                .keySet()
                .removeIf(container -> !plan.waiting().containsKey(container)
                        && !plan.updateWaiting().containsKey(container));
        deadline(plan.end());
        rejected(plan.rejection().filter(AdmissionRejection::decided));
        plan.waiting()
                .forEach((container, why) -> waits(update ? versions.running() : versions.wanted(), container, why));
        plan.updateWaiting().forEach((container, why) -> waits(versions.wanted(), container, why));
    }

    private void deadline(Optional<PodEnd> end) {
        boolean passed = end.filter(PodEnd::byDeadline).isPresent();
        if (passed && !deadlineReported && versions.wanted().isPresent()) {
            events.normal(
                    versions.wanted().get(),
                    PodEnd.DEADLINE.reason().orElseThrow(),
                    PodEnd.DEADLINE.message().orElseThrow());
        }
        deadlineReported = passed;
    }

    private void rejected(Optional<AdmissionRejection> rejection) {
        if (rejection.isPresent() && versions.wanted().isPresent() && !rejection.equals(reportedRejection)) {
            events.warning(
                    versions.wanted().get(),
                    rejection.get().reason(),
                    rejection.get().message());
        }
        reportedRejection = rejection;
    }

    private void waits(Optional<Pod> version, String container, Waiting why) {
        Optional<ContainerSpec> spec = version.flatMap(pod -> pod.spec().container(container));
        if (spec.isEmpty()) {
            return;
        }
        Pod pod = version.get();
        images.pulling(pod, spec.get());
        if (why.equals(reportedWaiting.put(container, why))) {
            return;
        }
        if (why.cause() instanceof ImageError error) {
            images.failed(pod, spec.get(), error, why);
        } else if (why.cause() == WaitingCause.Other.CRASH_LOOP) {
            events.warning(
                    pod,
                    container,
                    "BackOff",
                    "Back-off restarting failed container " + container + " in pod " + pod.fullName() + "_"
                            + pod.name().namespace() + "(" + pod.uid() + ")");
        }
        // The failure of an action was recorded when the action failed.
    }

    // --- actions

    /** Records that an action is about to be executed. */
    void begins(PodAction action, ObservedPod before) {
        switch (action) {
            case PodAction.StopContainers stop ->
                before.containers().stream()
                        .filter(container -> stop.ids().contains(container.id())
                                || stop.sidecars().contains(container.id()))
                        .forEach(container -> stopping(container, stop.reason()));
            case PodAction.CreateSandbox create -> {
                if (create.attempt() > 0) {
                    events.normal(
                            create.pod(), "SandboxChanged", "Pod sandbox changed, it will be killed and re-created.");
                }
            }
            case PodAction.EnsureImage _,
                    PodAction.PrepareUpdate _,
                    PodAction.StartContainer _,
                    PodAction.CreateContainer _,
                    PodAction.StartCreated _,
                    PodAction.StopSandbox _,
                    PodAction.RemoveContainer _,
                    PodAction.RemoveSandbox _,
                    PodAction.EmptyVolumes _,
                    PodAction.RecordEnd _,
                    PodAction.RemoveDirectories _ -> {}
        }
    }

    /** @param reason becomes the message if it is a sentence about the container, such as that of a failed probe */
    private void stopping(ObservedContainer container, String reason) {
        String message = "Stopping container " + container.name();
        if (container.state() instanceof ObservedContainer.State.Starting starting
                && starting.failure().isPresent()) {
            message = "FailedPostStartHook";
        } else if (reason.startsWith("Container " + container.name() + " ")) {
            message = reason;
        }
        Optional<Pod> version = versions.version(container.uid());
        if (version.isPresent()) {
            events.normal(version.get(), container.name(), "Killing", message);
        } else {
            events.normal(name, container.uid(), container.name(), "Killing", message);
        }
    }

    /** Records that an action was executed. */
    void done(PodAction action) {
        switch (action) {
            case PodAction.StartContainer start -> {
                images.pulled(start);
                events.normal(start.pod(), start.container(), "Created", "Created container: " + start.container());
                events.normal(start.pod(), start.container(), "Started", "Started container " + start.container());
            }
            case PodAction.CreateContainer create -> {
                PodAction.StartContainer start = create.instance();
                images.pulled(start);
                events.normal(start.pod(), start.container(), "Created", "Created container: " + start.container());
            }
            case PodAction.StartCreated start ->
                events.normal(start.pod(), start.container(), "Started", "Started container " + start.container());
            case PodAction.EmptyVolumes empty -> events.warning(empty.pod(), KubeletReasons.EVICTED, empty.reason());
            case PodAction.EnsureImage _,
                    PodAction.PrepareUpdate _,
                    PodAction.CreateSandbox _,
                    PodAction.StopContainers _,
                    PodAction.StopSandbox _,
                    PodAction.RemoveContainer _,
                    PodAction.RemoveSandbox _,
                    PodAction.RecordEnd _,
                    PodAction.RemoveDirectories _ -> {}
        }
    }

    /** Records that an action on a sandbox or a container failed. */
    void failed(PodAction action, ActionFailedException failure) {
        switch (action) {
            case PodAction.StartContainer start -> {
                images.pulled(start);
                if (failure.reason().equals(KubeletReasons.RUN_CONTAINER_ERROR)) {
                    events.normal(start.pod(), start.container(), "Created", "Created container: " + start.container());
                }
                if (failure.isMount()) {
                    events.warning(start.pod(), KubeletReasons.FAILED_MOUNT, failure.getMessage());
                } else {
                    events.warning(start.pod(), start.container(), FAILED, "Error: " + failure.getMessage());
                }
            }
            case PodAction.CreateContainer create -> waits(create.instance().pod(), failure);
            case PodAction.StartCreated start ->
                events.warning(start.pod(), start.container(), FAILED, "Error: " + failure.getMessage());
            case PodAction.CreateSandbox create when create.beside() -> waits(create.pod(), failure);
            case PodAction.CreateSandbox create -> {
                // The next plan rejects the pod because the network is not ready, which is recorded then.
                if (!failure.reason().equals(KubeletReasons.NETWORK_NOT_READY)) {
                    events.warning(
                            create.pod(), failure.reason(), "Failed to create pod sandbox: " + failure.getMessage());
                }
            }
            case PodAction.PrepareUpdate update -> waits(update.pod(), failure);
            case PodAction.EnsureImage _,
                    PodAction.StopContainers _,
                    PodAction.StopSandbox _,
                    PodAction.RemoveContainer _,
                    PodAction.RemoveSandbox _,
                    PodAction.EmptyVolumes _,
                    PodAction.RecordEnd _,
                    PodAction.RemoveDirectories _ -> {}
        }
    }

    private void waits(Pod successor, ActionFailedException failure) {
        events.warning(
                successor,
                failure.isMount() ? KubeletReasons.FAILED_MOUNT : failure.reason(),
                "The new version is waiting, and the old one keeps running: " + failure.getMessage());
    }
}
