/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.plan;

import io.jubelet.observed.ObservedContainer;
import io.jubelet.observed.ObservedContainer.State;
import io.jubelet.observed.ObservedPod;
import io.jubelet.observed.ObservedSandbox;
import io.jubelet.pod.ContainerSpec;
import io.jubelet.pod.ContainerState.Waiting;
import io.jubelet.pod.Pod;
import io.jubelet.pod.PodSpec;
import io.jubelet.pod.WaitingCause;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Plans one version of a pod that is to run: its sandbox, and which container's turn it is in it. Made for one plan and one
 * thread; pure.
 */
final class VersionPlanner {

    private final PlannerInput input;
    private final Pod pod;
    private final PodSpec spec;
    private final RestartBackoff backoff;
    private final ObservedPod observed;
    private final PlanBuilder builder = new PlanBuilder();
    private final ImagePlanner images;
    private final VersionProgress progress;
    private Optional<PodEnd> end = Optional.empty();
    private Optional<AdmissionRejection> rejection = Optional.empty();

    VersionPlanner(PlannerInput input, Pod pod, RestartBackoff backoff) {
        this.input = input;
        this.pod = pod;
        this.spec = pod.spec();
        this.backoff = backoff;
        this.observed = input.observed().version(pod.uid());
        this.images = new ImagePlanner(input, pod, builder);
        this.progress = VersionProgress.of(pod.uid(), spec, observed, input);
    }

    List<PodAction> actions() {
        return builder.actions();
    }

    Map<String, Waiting> waiting() {
        return builder.waiting();
    }

    Optional<Instant> due() {
        return Optional.ofNullable(builder.due());
    }

    /** How this version has ended for good, once nothing of it lives or its deadline has passed; empty if it has not. */
    Optional<PodEnd> end() {
        return end;
    }

    /** Why this version must not be started; empty if it may, or runs. */
    Optional<AdmissionRejection> rejection() {
        return rejection;
    }

    /** Plans what keeps this version as its manifest says. */
    void sync() {
        Optional<PodEnd> over = recordedEnd().or(progress::end);
        Optional<Eviction> eviction =
                Optional.ofNullable(input.limits().evictions().get(pod.uid()));
        if (eviction.isPresent() && eviction.get().until().isEmpty()) {
            evict(eviction.get());
        } else if (over.isPresent()) {
            endPod(over.get());
        } else if (eviction.flatMap(Eviction::until)
                .filter(input.now()::isBefore)
                .isPresent()) {
            eviction.flatMap(Eviction::until).ifPresent(builder::planAgainAt);
            reportEviction(eviction.get());
        } else {
            progress.deadline().ifPresent(builder::planAgainAt);
            Optional<ObservedSandbox> sandbox = progress.currentSandbox();
            if (sandbox.isPresent() && sandbox.get().ready()) {
                stopSuperseded(sandbox.get());
                syncContainers(sandbox.get());
            } else {
                replaceSandbox(sandbox);
            }
        }
        SupersededInstances.collect(spec, observed, input, builder);
    }

    /**
     * Stops the version and empties its volumes. The sandbox ends, too, so that the init containers run again, which may have
     * filled the volumes.
     */
    private void evict(Eviction eviction) {
        reportEviction(eviction);
        builder.addAll(PodPlanner.end(observed, Optional.of(spec), "it is evicted"));
        builder.add(new PodAction.EmptyVolumes(pod, eviction.message()));
    }

    private void reportEviction(Eviction eviction) {
        spec.allContainers()
                .forEach(container -> builder.waiting(
                        container,
                        new Waiting(WaitingCause.Other.EVICTED, KubeletReasons.EVICTED, eviction.message())));
    }

    private Optional<PodEnd> recordedEnd() {
        return Optional.ofNullable(input.limits().ends().get(pod.uid()));
    }

    private void endPod(PodEnd over) {
        String reason = over.byDeadline()
                ? "it was active for longer than activeDeadlineSeconds"
                : "all containers have finished";
        builder.addAll(PodPlanner.end(observed, Optional.of(spec), reason));
        boolean live = observed.live();
        if (over.byDeadline() || observed.containers().stream().noneMatch(ObservedContainer::live)) {
            end = Optional.of(over);
        }
        if (!live && recordedEnd().isEmpty()) {
            builder.add(new PodAction.RecordEnd(pod, over.with(spec, observed, pod.uid()), reason));
        }
    }

    /** Stops everything except the current sandbox and the newest instance of each container (I1). */
    private void stopSuperseded(ObservedSandbox sandbox) {
        String reason = "a newer one of this pod exists";
        stop(
                observed.containers().stream()
                        .filter(c ->
                                c.live() && (superseded(c) || !c.sandboxId().equals(sandbox.id())))
                        .toList(),
                spec.terminationGracePeriod(),
                reason);
        observed.sandboxes().stream()
                .skip(1)
                .filter(ObservedSandbox::ready)
                .forEach(s -> builder.add(new PodAction.StopSandbox(s.id(), reason)));
    }

    private boolean superseded(ObservedContainer container) {
        return container.round() != progress.round()
                || spec.container(container.name()).isEmpty()
                || observed.newest(pod.uid(), container.name())
                        .filter(newest -> newest.id().equals(container.id()))
                        .isEmpty();
    }

    private void stop(List<ObservedContainer> live, Duration grace, String reason) {
        if (!live.isEmpty()) {
            builder.add(StopOrder.stop(Optional.of(spec), live, grace, reason));
        }
    }

    // --- without a ready sandbox

    private void replaceSandbox(Optional<ObservedSandbox> dead) {
        List<ContainerSpec> toRun = new ArrayList<>(spec.initContainers());
        spec.containers().stream().filter(progress::wantsToRun).forEach(toRun::add);
        for (ContainerSpec container : toRun) {
            builder.waiting(
                    container, spec.initContainers().isEmpty() ? PlanBuilder.CREATING : PlanBuilder.INITIALIZING);
        }
        stop(
                observed.containers().stream().filter(ObservedContainer::live).toList(),
                spec.terminationGracePeriod(),
                "the sandbox has ended");
        rejection = input.rejection().filter(_ -> input.wants(pod.uid()));
        if (rejection.isPresent()) {
            Waiting why = new Waiting(
                    rejection.get().decided() ? WaitingCause.Other.REJECTED : WaitingCause.Other.ADMISSION_PENDING,
                    rejection.get().reason(),
                    rejection.get().message());
            builder.waiting().replaceAll((_, _) -> why);
            return;
        }
        images.defer();
        ContainerPlanner containers = containers(progress);
        for (ContainerSpec container : toRun) {
            if (!containers.inFailureBackOff(container)) {
                images.ids(container, progress.newest(container));
            }
        }
        ActionFailure failure = input.failures().get("");
        if (failure != null && input.now().isBefore(failure.retryAt())) {
            builder.waiting()
                    .replaceAll((_, _) -> new Waiting(
                            WaitingCause.Other.SANDBOX_FAILED, KubeletReasons.CONTAINER_CREATING, failure.message()));
            builder.planAgainAt(failure.retryAt());
            return;
        }
        if (inSandboxBackOff()) {
            return;
        }
        int attempt = observed.sandboxes().stream()
                        .mapToInt(ObservedSandbox::attempt)
                        .max()
                        .orElse(-1)
                + 1;
        dead.ifPresent(s -> builder.add(new PodAction.StopSandbox(s.id(), "the sandbox has ended")));
        builder.add(new PodAction.CreateSandbox(
                pod, attempt, dead.isPresent() ? "the sandbox has ended" : "the pod has no sandbox"));
    }

    /** Whether a sandbox of this version must not be created yet, because the ones before ended soon; if so, says so. */
    private boolean inSandboxBackOff() {
        Instant from = input.times().nextSandbox().getOrDefault(pod.uid(), Instant.MIN);
        if (!input.now().isBefore(from)) {
            return false;
        }
        Waiting why = new Waiting(
                WaitingCause.Other.SANDBOX_FAILED,
                KubeletReasons.CONTAINER_CREATING,
                "the PodSandbox has ended again and again soon after its creation; the next one is created after a back-off");
        builder.waiting().replaceAll((_, _) -> why);
        builder.planAgainAt(from);
        return true;
    }

    // --- with a ready sandbox

    private void syncContainers(ObservedSandbox sandbox) {
        Optional<ObservedContainer> source = progress.restartsAll();
        if (source.isEmpty()) {
            start(sandbox, progress);
        } else {
            restartAll(sandbox, source.get());
        }
    }

    private void start(ObservedSandbox sandbox, VersionProgress now) {
        ContainerPlanner containers = containers(now);
        if (!new InitPlanner(input, spec, now, containers, images, builder).plan(sandbox.id())) {
            return;
        }
        boolean holdStarts = false;
        for (ContainerSpec container : spec.containers()) {
            holdStarts |= containers.keep(sandbox.id(), container, holdStarts);
        }
    }

    /**
     * Stops all containers without a grace period, and then begins the next round. Its first container waits for the back-off of
     * the container whose rule restarts them all.
     */
    private void restartAll(ObservedSandbox sandbox, ObservedContainer source) {
        List<ObservedContainer> live =
                observed.containers().stream().filter(ObservedContainer::live).toList();
        if (!live.isEmpty()) {
            builder.add(new PodAction.StopContainers(
                    live.stream().map(ObservedContainer::id).toList(),
                    Duration.ZERO,
                    "a rule of container " + source.name() + " restarts all containers"));
            return;
        }
        ContainerSpec asked = spec.container(source.name()).orElseThrow();
        if (source.state() instanceof State.Exited exited
                && containers(progress).inCrashLoopBackOff(asked, source, exited)) {
            return;
        }
        start(sandbox, progress.nextRound());
    }

    private ContainerPlanner containers(VersionProgress now) {
        return new ContainerPlanner(input, pod, backoff, now, images, builder);
    }
}
