/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.plan;

import io.jubelet.observed.ObservedContainer;
import io.jubelet.observed.ObservedContainer.State;
import io.jubelet.observed.ObservedPod;
import io.jubelet.observed.ObservedSandbox;
import io.jubelet.plan.PodAction.ContainerImages;
import io.jubelet.plan.PodAction.CreateContainer;
import io.jubelet.plan.PodAction.CreateSandbox;
import io.jubelet.plan.PodAction.PrepareUpdate;
import io.jubelet.plan.PodAction.StartContainer;
import io.jubelet.pod.ContainerPort;
import io.jubelet.pod.ContainerSpec;
import io.jubelet.pod.ContainerState.Waiting;
import io.jubelet.pod.Pod;
import io.jubelet.pod.PodSpec;
import io.jubelet.pod.WaitingCause;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * Plans what a version needs before it replaces the one that runs: images, files, and, where both can exist at the same time, a
 * sandbox with containers that are not started yet. Made for one plan and one thread; pure.
 */
final class SuccessorPlanner {

    private static final String FAILED_BEFORE = "it failed before";

    private final PlannerInput input;
    private final Pod pod;
    private final PodSpec spec;
    private final ObservedPod observed;
    private final ObservedPod predecessor;
    private final PlanBuilder builder = new PlanBuilder();
    private final Map<String, ContainerImages> images = new HashMap<>();

    /** @param predecessorUid the version that is in charge */
    SuccessorPlanner(PlannerInput input, Pod pod, String predecessorUid) {
        this.input = input;
        this.predecessor = input.observed().version(predecessorUid);
        this.pod = pod;
        this.spec = pod.spec();
        this.observed = input.observed().version(pod.uid());
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

    /**
     * Whether the version that runs can be stopped now: admission accepts this one, and everything is there that can be. Plans what
     * is missing, in an order that leaves as little as possible for the time in which neither runs.
     */
    boolean ready() {
        if (!imagesArePresent() || input.rejection().isPresent() || !filesAreReady()) {
            return false;
        }
        return obstacle().isPresent() || (sandboxIsReady() && containersAreCreated());
    }

    /**
     * Why no sandbox of this version can exist while the other version runs, as the end of a sentence; empty if one can.
     */
    Optional<String> obstacle() {
        if (!predecessor.everStarted()) {
            return Optional.of("no container of it was started");
        }
        if (Objects.equals(pod.annotations().get(Pod.UPDATE), Pod.STOP_FIRST)) {
            return Optional.of("its annotation " + Pod.UPDATE + " says so");
        }
        if (!spec.hostNetwork() && hasHostPorts()) {
            return Optional.of("the network plugin would move its host ports at once");
        }
        if (spec.activeDeadline().isPresent()) {
            return Optional.of("its activeDeadlineSeconds count from its sandbox");
        }
        return input.limits().waitsForOthers()
                ? Optional.of("other pods have to release what it needs")
                : Optional.empty();
    }

    private boolean hasHostPorts() {
        return spec.allContainers()
                .flatMap(container -> container.ports().stream())
                .mapToInt(ContainerPort::hostPort)
                .anyMatch(port -> port > 0);
    }

    private boolean imagesArePresent() {
        ImagePlanner planner = new ImagePlanner(input, pod, builder);
        List<ContainerSpec> all = spec.allContainers().toList();
        for (ContainerSpec container : all) {
            planner.ids(container, Optional.empty()).ifPresent(ids -> images.put(container.name(), ids));
        }
        return images.size() == all.size();
    }

    private boolean filesAreReady() {
        if (input.prepared().isReady(pod.uid())) {
            return true;
        }
        Optional<String> why = reason(PrepareUpdate.FAILURE_KEY, "it replaces the version that runs");
        why.ifPresent(reason -> builder.add(new PrepareUpdate(pod, images, reason)));
        return false;
    }

    private boolean sandboxIsReady() {
        Optional<ObservedSandbox> current = observed.sandboxes().stream().findFirst();
        if (current.filter(ObservedSandbox::ready).isPresent()) {
            return true;
        }
        Instant from = input.times().nextSandbox().getOrDefault(pod.uid(), Instant.MIN);
        if (input.now().isBefore(from)) {
            builder.planAgainAt(from);
            return false;
        }
        observed.containers().stream()
                .filter(instance -> instance.state() instanceof State.Created)
                .forEach(instance -> builder.add(removal(instance, "its sandbox has ended")));
        reason(CreateContainer.FAILURE_KEY, "it replaces the version that runs").ifPresent(reason -> {
            current.ifPresent(dead -> builder.add(new PodAction.StopSandbox(dead.id(), "the sandbox has ended")));
            builder.add(new CreateSandbox(
                    pod, current.map(dead -> dead.attempt() + 1).orElse(0), true, reason));
        });
        return false;
    }

    /** Init containers and what comes after them wait for the end of the other version, because they act when they start. */
    private boolean containersAreCreated() {
        if (!spec.initContainers().isEmpty()) {
            return true;
        }
        List<PodAction> outdated = removeOutdated(input, pod);
        if (!outdated.isEmpty()) {
            builder.addAll(outdated);
            return false;
        }
        List<ContainerSpec> missing = spec.containers().stream()
                .filter(container ->
                        observed.newest(pod.uid(), container.name()).isEmpty())
                .toList();
        if (!missing.isEmpty()) {
            reason(CreateContainer.FAILURE_KEY, "it starts when the version before has ended")
                    .ifPresent(reason -> missing.forEach(container -> create(container, reason)));
        }
        return missing.isEmpty();
    }

    private void create(ContainerSpec container, String reason) {
        builder.add(new CreateContainer(new StartContainer(
                pod,
                observed.sandboxes().getFirst().id(),
                container.name(),
                0,
                Duration.ZERO,
                0,
                Objects.requireNonNull(images.get(container.name()), container.name()),
                reason)));
    }

    /**
     * Removes the instances that wait for their start and would be created in another way now: a ConfigMap or Secret changed, or an
     * earlier daemon created them and it is not known from what.
     */
    static List<PodAction> removeOutdated(PlannerInput input, Pod pod) {
        return input.observed().version(pod.uid()).containers().stream()
                .filter(instance -> instance.state() instanceof State.Created
                        && !input.prepared().created().contains(instance.id()))
                .map(instance -> removal(instance, "what it was created from may have changed"))
                .toList();
    }

    private static PodAction removal(ObservedContainer instance, String reason) {
        return new PodAction.RemoveContainer(
                instance.id(), instance.name(), instance.attempt(), instance.uid(), false, reason);
    }

    /** The reason for an action; empty if such an action failed and must not be retried yet, which the containers wait for then. */
    private Optional<String> reason(String failureKey, String first) {
        ActionFailure failure = input.failures().get(failureKey);
        if (failure == null) {
            return Optional.of(first);
        }
        Waiting why = new Waiting(WaitingCause.Other.NOT_PREPARED, failure.reason(), failure.message());
        spec.allContainers().forEach(container -> builder.waiting(container, why));
        if (input.now().isBefore(failure.retryAt())) {
            builder.planAgainAt(failure.retryAt());
            return Optional.empty();
        }
        return Optional.of(FAILED_BEFORE);
    }
}
