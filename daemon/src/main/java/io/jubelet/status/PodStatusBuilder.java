/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.status;

import io.jubelet.observed.ObservedContainer;
import io.jubelet.observed.ObservedPod;
import io.jubelet.observed.ObservedSandbox;
import io.jubelet.plan.AdmissionRejection;
import io.jubelet.plan.PodEnd;
import io.jubelet.plan.PodLifecycle;
import io.jubelet.pod.ContainerState;
import io.jubelet.pod.ContainerStatus;
import io.jubelet.pod.Pod;
import io.jubelet.pod.PodAddresses;
import io.jubelet.pod.PodResources;
import io.jubelet.pod.PodStatus;
import io.jubelet.pod.PodStatus.Condition;
import io.jubelet.pod.PodStatus.Phase;
import io.jubelet.pod.QosClass;
import io.jubelet.pod.Resources;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Computes the v1 status of a pod from its report. Pure.
 *
 * <p>All times are facts of the runtime where it has them, so that they survive a restart of the
 * daemon. Source: the Kubernetes pages on the pod life cycle and the v1 PodStatus.
 */
public final class PodStatusBuilder {

    private final PodReport report;
    private final List<String> hostIps;
    private final Optional<ConditionTimes> conditionTimes;
    private final Optional<Pod> shown;
    private final ObservedPod observed;
    private final List<ContainerStatus> initContainers;
    private final List<ContainerStatus> containers;
    /** How the pod has ended for good, as decided by its planner. */
    private final Optional<PodEnd> end;

    private final Phase phase;
    private final Optional<Instant> startTime;
    /** When this version began, or at the latest when this daemon first saw it. */
    private final Instant began;

    private PodStatusBuilder(PodReport report, List<String> hostIps, Optional<ConditionTimes> conditionTimes) {
        this.report = report;
        this.hostIps = hostIps;
        this.conditionTimes = conditionTimes;
        this.shown = report.view().shown();
        this.observed = report.view().observed().version(report.uid());
        ContainerStatusBuilder statuses = new ContainerStatusBuilder(report.view());
        this.initContainers = statuses.buildInit();
        this.containers = statuses.build();
        this.end = report.view().lifecycle() instanceof PodLifecycle.Syncing
                ? report.view().plan().end()
                : Optional.empty();
        this.phase =
                end.map(PodEnd::phase).orElseGet(() -> PodPhase.of(shown.map(Pod::spec), initContainers, containers));
        Optional<Instant> first = observed.sandboxes().stream()
                .flatMap(sandbox -> Stream.ofNullable(sandbox.createdAt()))
                .min(Instant::compareTo);
        this.startTime = first.map(known ->
                conditionTimes.map(ConditionTimes::began).filter(known::isAfter).orElse(known));
        this.began = startTime.orElse(report.since());
    }

    /**
     * Builds the status of a pod.
     *
     * @param hostIps the addresses of the node, the primary first; may be empty
     */
    public static PodStatus build(PodReport report, List<String> hostIps) {
        return new PodStatusBuilder(report, hostIps, report.conditionTimes()).build();
    }

    /** Whether the state of a container is that of this instance. */
    public static boolean isOf(ContainerState.Terminated state, ObservedContainer instance) {
        return state.containerId().equals(ContainerStatusBuilder.containerId(instance));
    }

    /** The times of the conditions according to the runtime. */
    static ConditionTimes facts(PodReport report) {
        return new PodStatusBuilder(report, List.of(), Optional.empty()).facts();
    }

    private ConditionTimes facts() {
        List<Condition> conditions = conditions();
        return new ConditionTimes(
                began,
                mark(conditions.get(0)),
                mark(conditions.get(1)),
                mark(conditions.get(2)),
                running(container -> !container.started()),
                running(container -> container.started() && !container.ready()));
    }

    private List<String> running(Predicate<ContainerStatus> which) {
        return counted().stream()
                .filter(container -> container.state() instanceof ContainerState.Running && which.test(container))
                .map(ContainerStatus::name)
                .toList();
    }

    private static ConditionTimes.Transition mark(Condition condition) {
        return new ConditionTimes.Transition(condition.status(), condition.lastTransition());
    }

    private static Condition at(Condition condition, ConditionTimes.Transition mark) {
        return condition.status() == mark.status()
                ? new Condition(
                        condition.type(), condition.status(), condition.reason(), condition.message(), mark.since())
                : condition;
    }

    private PodStatus build() {
        return new PodStatus(
                phase,
                // As in the kubelet, only a pod that has ended or was rejected has a reason. kubectl
                // shows it in place of the phase.
                end.flatMap(PodEnd::reason)
                        .or(() -> rejection().map(AdmissionRejection::reason))
                        .orElse(""),
                end.flatMap(PodEnd::message)
                        .or(() -> rejection().map(why -> "Pod was rejected: " + why.message()))
                        .orElse(""),
                conditions(),
                new PodStatus.Containers(initContainers, containers),
                new PodStatus.Compute(
                        shown.map(pod -> QosClass.of(pod.spec())).orElse(QosClass.BestEffort),
                        shown.map(PodStatusBuilder::allocation)),
                new PodStatus.Ips(hostIps, podIps()),
                startTime);
    }

    /** Why the node does not run the shown version, if the kubelet would have rejected it, too. */
    private Optional<AdmissionRejection> rejection() {
        return end.isEmpty() && report.view().running().isEmpty()
                ? report.view().plan().rejection().filter(AdmissionRejection::isKubelets)
                : Optional.empty();
    }

    /** As for every static pod of the kubelet, its resources are those that its spec asks for. */
    private static ContainerStatus.Allocation allocation(Pod pod) {
        Resources whole = PodResources.whole(pod.spec());
        return new ContainerStatus.Allocation(whole.requests(), whole);
    }

    private List<Condition> conditions() {
        List<ContainerStatus> counted = counted();
        List<String> unready = counted.stream()
                .filter(container -> !container.ready())
                .map(ContainerStatus::name)
                .toList();
        Condition sandbox = sandboxReady();
        Condition initialized = initialized();
        Condition ready = ready("Ready", counted, unready);
        if (conditionTimes.isPresent()) {
            sandbox = at(sandbox, conditionTimes.get().sandbox());
            initialized = at(initialized, conditionTimes.get().initialized());
            ready = at(ready, conditionTimes.get().ready());
        }
        Condition containersReady = new Condition(
                "ContainersReady", ready.status(), ready.reason(), ready.message(), ready.lastTransition());
        List<Condition> conditions = new ArrayList<>(List.of(
                sandbox, initialized, ready, containersReady, new Condition("PodScheduled", true, "", "", began)));
        shown.flatMap(pod -> AllContainersRestarting.of(pod, observed, phase, began))
                .ifPresent(conditions::add);
        return conditions;
    }

    /**
     * The containers that the readiness of the pod depends on: its sidecars and its main
     * containers.
     */
    private List<ContainerStatus> counted() {
        List<ContainerStatus> counted = new ArrayList<>();
        initContainers.stream().filter(container -> sidecar(container.name())).forEach(counted::add);
        counted.addAll(containers);
        return counted;
    }

    private boolean sidecar(String initContainer) {
        return shown.isPresent()
                && shown.get().spec().container(initContainer).stream()
                        .anyMatch(shown.get().spec()::isSidecar);
    }

    private Condition initialized() {
        if (phase == Phase.Succeeded) {
            return new Condition("Initialized", true, "PodCompleted", "", initializedAt());
        }
        List<String> incomplete = initContainers.stream()
                .filter(container -> sidecar(container.name()) ? !container.started() : !container.ready())
                .map(ContainerStatus::name)
                .toList();
        if (incomplete.isEmpty() || PodPhase.anyStarted(containers)) {
            return new Condition("Initialized", true, "", "", initializedAt());
        }
        String message =
                incomplete.stream().collect(Collectors.joining(" ", "containers with incomplete status: [", "]"));
        return new Condition("Initialized", false, "ContainersNotInitialized", message, began);
    }

    /** When the last init container completed. */
    private Instant initializedAt() {
        return initContainers.stream()
                .map(container -> switch (container.state()) {
                    case ContainerState.Terminated ended -> ended.finishedAt().orElse(began);
                    case ContainerState.Running running -> running.startedAt().orElse(began);
                    case ContainerState.Waiting _ -> began;
                })
                .filter(began::isBefore)
                .max(Instant::compareTo)
                .orElse(began);
    }

    private Condition sandboxReady() {
        Optional<ObservedSandbox> newest = observed.sandboxes().stream().findFirst();
        boolean ready = newest.isPresent()
                && newest.get().ready()
                && (hostNetwork() || !newest.get().ips().isEmpty());
        Instant when = newest.flatMap(sandbox -> Optional.ofNullable(sandbox.createdAt()))
                .orElse(began);
        if (newest.isPresent() && !newest.get().ready()) {
            // The runtime does not record when a sandbox died; its containers died with it.
            when = containers.stream()
                    .flatMap(container -> PodStatusBuilder.ended(container).stream())
                    .max(Instant::compareTo)
                    .orElse(when);
        }
        if (ready || end.isPresent()) {
            return new Condition("PodReadyToStartContainers", ready, "", "", when);
        }
        // What blocks a container that has a sandbox is in its own status.
        Explanation explanation = Explanation.of(report.view(), initContainers, containers, Optional.empty());
        return new Condition(
                "PodReadyToStartContainers",
                false,
                explanation.reason().orElse(""),
                explanation.message().orElse(""),
                when);
    }

    private Condition ready(String type, List<ContainerStatus> counted, List<String> unready) {
        if (unready.isEmpty()) {
            Instant when = counted.stream()
                    .map(container -> container.state() instanceof ContainerState.Running running
                            ? running.startedAt().orElse(began)
                            : began)
                    .max(Instant::compareTo)
                    .orElse(began);
            return new Condition(type, true, "", "", when);
        }
        Instant when = counted.stream()
                .filter(container -> !container.ready())
                .map(container -> ended(container).orElse(began))
                .min(Instant::compareTo)
                .orElse(began);
        return switch (phase) {
            case Succeeded -> new Condition(type, false, "PodCompleted", "", when);
            case Failed -> new Condition(type, false, "PodFailed", "", when);
            case Pending, Running, Unknown ->
                new Condition(
                        type,
                        false,
                        "ContainersNotReady",
                        unready.stream().collect(Collectors.joining(" ", "containers with unready status: [", "]")),
                        when);
        };
    }

    private static Optional<Instant> ended(ContainerStatus container) {
        return switch (container.state()) {
            case ContainerState.Terminated terminated -> terminated.finishedAt();
            case ContainerState.Waiting _, ContainerState.Running _ ->
                container.lastState().flatMap(ContainerState.Terminated::finishedAt);
        };
    }

    private List<String> podIps() {
        Optional<ObservedSandbox> ready =
                observed.sandboxes().stream().filter(ObservedSandbox::ready).findFirst();
        if (ready.isEmpty()) {
            return List.of();
        }
        return hostNetwork() ? hostIps : PodAddresses.ordered(ready.get().ips(), hostIps);
    }

    private boolean hostNetwork() {
        return shown.map(pod -> pod.spec().hostNetwork()).orElse(false);
    }
}
