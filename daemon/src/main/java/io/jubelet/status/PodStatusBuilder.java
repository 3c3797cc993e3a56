package io.jubelet.status;

import io.jubelet.observed.ObservedPod;
import io.jubelet.observed.ObservedSandbox;
import io.jubelet.pod.ContainerRestart;
import io.jubelet.pod.ContainerState;
import io.jubelet.pod.ContainerStatus;
import io.jubelet.pod.Pod;
import io.jubelet.pod.PodSpec;
import io.jubelet.pod.PodStatus;
import io.jubelet.pod.PodStatus.Condition;
import io.jubelet.pod.PodStatus.Phase;
import io.jubelet.pod.QosClass;
import io.jubelet.pod.RestartPolicy;
import io.jubelet.reconcile.PodEnd;
import io.jubelet.reconcile.PodLifecycle;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Computes the v1 status of a pod from its report. Pure.
 *
 * <p>All moments are facts of the runtime where it has any, so that they survive a restart of the daemon. Source: the
 * Kubernetes pages on the pod life cycle and the v1 PodStatus.
 */
public final class PodStatusBuilder {

    private final PodReport report;
    private final List<String> hostIps;
    private final Optional<Pod> shown;
    private final ObservedPod observed;
    private final List<ContainerStatus> containers;
    /** How the pod has ended for good, as its planner decided. */
    private final Optional<PodEnd> end;

    private final Phase phase;
    private final Optional<Instant> startTime;
    /** When this version began, or at least when we first heard of it. */
    private final Instant began;

    private PodStatusBuilder(PodReport report, List<String> hostIps) {
        this.report = report;
        this.hostIps = hostIps;
        this.shown = report.view().shown();
        this.observed = report.view().observed().version(report.uid());
        this.containers = new ContainerStatusBuilder(report.view()).build();
        this.end = report.view().lifecycle() instanceof PodLifecycle.Syncing
                ? report.view().plan().end()
                : Optional.empty();
        this.phase = end.map(PodEnd::phase).orElseGet(() -> phase(containers, policy()));
        this.startTime =
                observed.sandboxes().stream().map(ObservedSandbox::createdAt).min(Instant::compareTo);
        this.began = startTime.orElse(report.since());
    }

    /**
     * The status of a pod.
     *
     * @param hostIps addresses of the node, the primary first; may be empty
     */
    public static PodStatus build(PodReport report, List<String> hostIps) {
        return new PodStatusBuilder(report, hostIps).build();
    }

    private PodStatus build() {
        Explanation explanation = Explanation.of(report.view(), containers, Optional.empty());
        boolean running = containers.stream().allMatch(ContainerStatus::ready);
        return new PodStatus(
                phase,
                // A word here replaces the phase in the tables of kubectl, so a pod that runs has none.
                end.map(PodEnd::reason).filter(word -> !word.isEmpty()).orElse(running ? "" : explanation.reason()),
                end.map(PodEnd::message).filter(text -> !text.isEmpty()).orElse(explanation.why()),
                conditions(),
                containers,
                shown.map(pod -> QosClass.of(pod.spec())).orElse(QosClass.BestEffort),
                hostIps,
                podIps(),
                startTime);
    }

    /** Where containers have policies or rules of their own, only the planner tells that all are over. */
    private RestartPolicy policy() {
        return shown.map(Pod::spec)
                .filter(spec -> spec.allContainers()
                        .allMatch(container -> container.restart().equals(ContainerRestart.AS_POD)))
                .map(PodSpec::restartPolicy)
                .orElse(RestartPolicy.Always);
    }

    /**
     * The phase that container states make.
     *
     * <p>A static pod is never forced into a terminal phase by its deletion: only containers that ended by themselves and
     * may not be restarted make one.
     */
    static Phase phase(List<ContainerStatus> containers, RestartPolicy policy) {
        int running = 0;
        int stopped = 0;
        int succeeded = 0;
        boolean restarts = false;
        for (ContainerStatus container : containers) {
            switch (container.state()) {
                case ContainerState.Running _ -> running++;
                case ContainerState.Terminated ended -> {
                    stopped++;
                    succeeded += ended.exitCode() == 0 ? 1 : 0;
                    restarts |= policy.restarts(ended.exitCode());
                }
                case ContainerState.Waiting _ -> {
                    if (container.lastState().isEmpty()) {
                        return Phase.Pending;
                    }
                    stopped++;
                    restarts |= policy.restarts(container.lastState().get().exitCode());
                }
            }
        }
        if (running > 0 || restarts) {
            return Phase.Running;
        }
        if (stopped == 0) {
            return Phase.Pending;
        }
        return succeeded == stopped ? Phase.Succeeded : Phase.Failed;
    }

    private List<Condition> conditions() {
        String completed = phase == Phase.Succeeded ? "PodCompleted" : "";
        List<String> unready = containers.stream()
                .filter(container -> !container.ready())
                .map(ContainerStatus::name)
                .toList();
        return List.of(
                sandboxReady(),
                new Condition("Initialized", true, completed, "", began),
                ready("Ready", unready),
                ready("ContainersReady", unready),
                new Condition("PodScheduled", true, "", "", began));
    }

    private Condition sandboxReady() {
        Optional<ObservedSandbox> newest = observed.sandboxes().stream().findFirst();
        boolean ready = newest.isPresent()
                && newest.get().ready()
                && (hostNetwork() || !newest.get().ips().isEmpty());
        Instant when = newest.map(ObservedSandbox::createdAt).orElse(began);
        if (newest.isPresent() && !newest.get().ready()) {
            // The runtime does not tell when a sandbox died; its containers died with it.
            when = containers.stream()
                    .flatMap(container -> PodStatusBuilder.ended(container).stream())
                    .max(Instant::compareTo)
                    .orElse(when);
        }
        return new Condition("PodReadyToStartContainers", ready, "", "", when);
    }

    private Condition ready(String type, List<String> unready) {
        if (unready.isEmpty()) {
            Instant when = containers.stream()
                    .map(container ->
                            container.state() instanceof ContainerState.Running running ? running.startedAt() : began)
                    .max(Instant::compareTo)
                    .orElse(began);
            return new Condition(type, true, "", "", when);
        }
        Instant when = containers.stream()
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
            case ContainerState.Terminated terminated -> Optional.of(terminated.finishedAt());
            case ContainerState.Waiting _, ContainerState.Running _ ->
                container.lastState().map(ContainerState.Terminated::finishedAt);
        };
    }

    private List<String> podIps() {
        Optional<ObservedSandbox> ready =
                observed.sandboxes().stream().filter(ObservedSandbox::ready).findFirst();
        if (ready.isEmpty()) {
            return List.of();
        }
        return hostNetwork() ? hostIps : ready.get().ips();
    }

    private boolean hostNetwork() {
        return shown.map(pod -> pod.spec().hostNetwork()).orElse(false);
    }
}
