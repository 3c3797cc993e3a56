/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.metrics;

import io.jubelet.concurrent.NodeClock;
import io.jubelet.desired.Manifest;
import io.jubelet.images.PullStatistics;
import io.jubelet.objects.MirrorState;
import io.jubelet.observed.ObservedContainer;
import io.jubelet.observed.ObservedSandbox;
import io.jubelet.observed.Relist;
import io.jubelet.pod.PodName;
import io.jubelet.pod.PodStatus;
import io.jubelet.pod.Probe;
import io.jubelet.probe.PodProbes;
import io.jubelet.probe.ProbeStatistics;
import io.jubelet.reconcile.WorkStatistics;
import io.jubelet.reconcile.WorkStatistics.Count;
import io.jubelet.status.PodReport;
import io.jubelet.status.PodStatusBuilder;
import io.jubelet.status.StatusSnapshot;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * The metrics of {@code /metrics} about the daemon and its pods. Where the meaning is the kubelet's, name, type, labels and
 * help are, too.
 */
public final class DaemonMetrics {

    private static final Metric CGROUP_VERSION =
            Metric.gauge("kubelet_cgroup_version", "Version of the cgroups of the node: 1 or 2.");
    private static final Metric DESIRED_PODS = Metric.gauge(
            "kubelet_desired_pods", "Pods that manifests want. The label static is true for all of them.", "static");
    private static final Metric MIRRORED_PODS = Metric.gauge(
            "kubelet_mirror_pods", "Mirror pods that the API server should have, one for each pod that was admitted.");
    private static final Metric NODE_NAME =
            Metric.gauge("kubelet_node_name", "Always 1; the label is the name of the node.", "node");
    private static final Metric RELIST_SEEN = Metric.gauge(
            "kubelet_pleg_last_seen_seconds", "When all pods of the runtime were last listed, in Unix time.");
    private static final Metric RELIST_DURATION = Metric.histogram(
            "kubelet_pleg_relist_duration_seconds", "How long it took to list all pods of the runtime.");
    private static final Metric RELIST_INTERVAL = Metric.histogram(
            "kubelet_pleg_relist_interval_seconds", "Time between the starts of two lists of all pods.");
    private static final Metric RUNNING_CONTAINERS =
            Metric.gauge("kubelet_running_containers", "Containers on the runtime, by state.", "container_state");
    private static final Metric RUNNING_PODS = Metric.gauge("kubelet_running_pods", "Pods whose sandbox is ready.");
    private static final Metric CONTAINER_ERRORS = Metric.counter(
            "kubelet_started_containers_errors_total",
            "Starts of containers that failed, by reason.",
            "container_type",
            "code");
    private static final Metric CONTAINERS =
            Metric.counter("kubelet_started_containers_total", "Containers that were started.", "container_type");
    private static final Metric POD_ERRORS =
            Metric.counter("kubelet_started_pods_errors_total", "Sandboxes that could not be created.");
    private static final Metric PODS = Metric.counter("kubelet_started_pods_total", "Sandboxes that were created.");

    private static final Metric BUILD =
            Metric.gauge("jubelet_build_info", "The version of Jubelet. The value is always 1.", "version");
    private static final Metric RESTARTS = Metric.counter(
            "jubelet_container_restarts_total", "Containers that were started again, init containers among them.");
    private static final Metric EVENT_STREAM = Metric.gauge(
            "jubelet_runtime_event_stream",
            "1 while the runtime sends events, 0 while pods are only found by listing them every second.");
    private static final Metric HEALTHY =
            Metric.gauge("jubelet_healthy", "1 if /healthz reports the daemon as healthy, 0 otherwise.");
    private static final Metric PULL_DURATION = Metric.histogram(
            "jubelet_image_pull_duration_seconds", "How long the pulls of images took that succeeded.");
    private static final Metric PULLS =
            Metric.counter("jubelet_image_pulls_total", "Pulls of images that have ended, by result.", "result");
    private static final Metric MANIFESTS = Metric.gauge(
            "jubelet_manifests", "Entries of the manifest directory, by the state that get manifests shows.", "state");
    private static final Metric MIRROR_LAG = Metric.gauge(
            "jubelet_mirror_lag_seconds",
            "How long the API server has lacked something that this node wants to show there; 0 while it has everything.");
    private static final Metric MIRRORS =
            Metric.gauge("jubelet_mirror_pods", "Mirror pods by their state at the API server.", "state");
    private static final Metric UPDATE_RESULTS = Metric.counter(
            "jubelet_pod_update_results_total",
            "How updates of pods ended: completed when all containers of the new version were started, superseded by"
                    + " another edit or a removal, or rejected at admission.",
            "result");
    private static final Metric UPDATES =
            Metric.counter("jubelet_pod_updates_total", "Edits of manifests that gave a running pod another version.");
    private static final Metric PHASES = Metric.gauge("jubelet_pods", "Pods by phase.", "phase");
    private static final Metric READY = Metric.gauge("jubelet_pods_ready", "Pods whose condition Ready is true.");
    private static final Metric PROBES = Metric.counter(
            "jubelet_probe_attempts_total",
            "Attempts of probes by result, those of containers that are gone included.",
            "probe_type",
            "result");
    private static final Metric RELIST_ERRORS =
            Metric.counter("jubelet_relist_errors_total", "Lists of all pods that the runtime did not answer.");
    private static final Metric TURN_DURATION = Metric.histogram(
            "jubelet_turn_duration_seconds",
            "How long the turns of pod workers took: observing, planning and executing until nothing was left to do.");
    private static final Metric TURNS =
            Metric.counter("jubelet_turns_total", "Turns of pod workers by result.", "result");

    static final List<Metric> ALL = List.of(
            CGROUP_VERSION,
            DESIRED_PODS,
            MIRRORED_PODS,
            NODE_NAME,
            RELIST_SEEN,
            RELIST_DURATION,
            RELIST_INTERVAL,
            RUNNING_CONTAINERS,
            RUNNING_PODS,
            CONTAINER_ERRORS,
            CONTAINERS,
            POD_ERRORS,
            PODS,
            BUILD,
            RESTARTS,
            EVENT_STREAM,
            HEALTHY,
            PULL_DURATION,
            PULLS,
            MANIFESTS,
            MIRROR_LAG,
            MIRRORS,
            UPDATE_RESULTS,
            UPDATES,
            PHASES,
            READY,
            PROBES,
            RELIST_ERRORS,
            TURN_DURATION,
            TURNS);

    /**
     * The node and the state of the daemon.
     *
     * @param name of the node
     * @param version of Jubelet
     * @param pods all pods and manifests; does not block
     * @param trouble what is wrong with the daemon; empty if it is healthy
     * @param eventStream whether the runtime sends events
     */
    public record State(
            String name,
            String version,
            int cgroupVersion,
            Supplier<StatusSnapshot> pods,
            Supplier<Optional<String>> trouble,
            BooleanSupplier eventStream) {
        public State {
            Objects.requireNonNull(name, "name");
            Objects.requireNonNull(version, "version");
            Objects.requireNonNull(pods, "pods");
            Objects.requireNonNull(trouble, "trouble");
            Objects.requireNonNull(eventStream, "eventStream");
        }
    }

    /** What the parts of the daemon count. */
    public record Counts(WorkStatistics work, Relist relist, PullStatistics pulls, PodProbes probes) {
        public Counts {
            Objects.requireNonNull(work, "work");
            Objects.requireNonNull(relist, "relist");
            Objects.requireNonNull(pulls, "pulls");
            Objects.requireNonNull(probes, "probes");
        }
    }

    /**
     * The mirror pods.
     *
     * @param state of the mirror pod of a pod; empty if there is no cluster
     * @param lag how long the API server has lacked something; empty if there is no cluster
     */
    public record Mirrors(Function<PodName, Optional<MirrorState>> state, Supplier<Optional<Duration>> lag) {
        public Mirrors {
            Objects.requireNonNull(state, "state");
            Objects.requireNonNull(lag, "lag");
        }
    }

    private final State state;
    private final Counts counts;
    private final Mirrors mirrors;
    private final NodeClock clock;

    public DaemonMetrics(State state, Counts counts, Mirrors mirrors, NodeClock clock) {
        this.state = Objects.requireNonNull(state, "state");
        this.counts = Objects.requireNonNull(counts, "counts");
        this.mirrors = Objects.requireNonNull(mirrors, "mirrors");
        this.clock = Objects.requireNonNull(clock, "clock");
    }

    /** The name of a pod with the suffix of the node. */
    String fullName(PodName pod) {
        return pod.onNode(state.name());
    }

    /** How the attempts of all probes ended so far. */
    List<ProbeStatistics> probes() {
        return counts.probes().statistics();
    }

    /** Writes them all. */
    void write(Exposition out) throws IOException {
        StatusSnapshot snapshot = state.pods().get();
        out.sample(CGROUP_VERSION, state.cgroupVersion());
        long desired = snapshot.pods().stream()
                .filter(pod -> pod.view().wanted().isPresent())
                .count();
        out.sample(DESIRED_PODS, 0, "");
        out.sample(DESIRED_PODS, desired, "true");
        out.sample(MIRRORED_PODS, mirrors.lag().get().isPresent() ? desired : 0);
        out.sample(NODE_NAME, 1, state.name());
        relists(out);
        observed(out, snapshot);
        started(out);
        out.sample(BUILD, 1, state.version());
        out.sample(RESTARTS, counts.work().count(Count.RESTARTS));
        out.sample(EVENT_STREAM, state.eventStream().getAsBoolean() ? 1 : 0);
        out.sample(HEALTHY, state.trouble().get().isEmpty() ? 1 : 0);
        pulls(out);
        manifests(out, snapshot);
        mirrorPods(out, snapshot);
        updates(out);
        phases(out, snapshot);
        attempts(out);
        out.sample(RELIST_ERRORS, counts.relist().failures());
        out.histogram(TURN_DURATION, counts.work().turns().snapshot());
        out.sample(TURNS, counts.work().count(Count.FAILED_TURNS), "failed");
        out.sample(TURNS, counts.work().count(Count.TURNS), "completed");
    }

    private void relists(Exposition out) throws IOException {
        Optional<Instant> last = counts.relist().lastSuccess();
        if (last.isPresent()) {
            out.sample(RELIST_SEEN, Exposition.seconds(clock.wallTime(last.get())));
        }
        out.histogram(RELIST_DURATION, counts.relist().durations().snapshot());
        out.histogram(RELIST_INTERVAL, counts.relist().intervals().snapshot());
    }

    private static void observed(Exposition out, StatusSnapshot snapshot) throws IOException {
        Map<String, Integer> states = new TreeMap<>();
        long running = 0;
        for (PodReport pod : snapshot.pods()) {
            running += pod.view().observed().sandboxes().stream().anyMatch(ObservedSandbox::ready) ? 1 : 0;
            for (ObservedContainer container : pod.view().observed().containers()) {
                states.merge(name(container.asListed().state()), 1, Integer::sum);
            }
        }
        for (Map.Entry<String, Integer> each : states.entrySet()) {
            out.sample(RUNNING_CONTAINERS, each.getValue(), each.getKey());
        }
        out.sample(RUNNING_PODS, running);
    }

    private static String name(ObservedContainer.State state) {
        return switch (state) {
            case ObservedContainer.State.Created _ -> "created";
            case ObservedContainer.State.Running _, ObservedContainer.State.Starting _ -> "running";
            case ObservedContainer.State.Exited _ -> "exited";
            case ObservedContainer.State.Unknown _ -> "unknown";
        };
    }

    private void started(Exposition out) throws IOException {
        for (Map.Entry<WorkStatistics.StartFailure, Long> each :
                counts.work().startFailures().entrySet()) {
            String type = each.getKey().init() ? "init_container" : "container";
            out.sample(CONTAINER_ERRORS, each.getValue(), type, each.getKey().reason());
        }
        out.sample(CONTAINERS, counts.work().count(Count.CONTAINERS), "container");
        out.sample(CONTAINERS, counts.work().count(Count.INIT_CONTAINERS), "init_container");
        out.sample(POD_ERRORS, counts.work().count(Count.FAILED_SANDBOXES));
        out.sample(PODS, counts.work().count(Count.SANDBOXES));
    }

    private void pulls(Exposition out) throws IOException {
        var durations = counts.pulls().durations().snapshot();
        out.histogram(PULL_DURATION, durations);
        out.sample(PULLS, counts.pulls().failures(), "failed");
        out.sample(PULLS, durations.counts().stream().mapToLong(Long::longValue).sum(), "successful");
    }

    private static void manifests(Exposition out, StatusSnapshot snapshot) throws IOException {
        Map<Manifest.State, Integer> states = new EnumMap<>(Manifest.State.class);
        snapshot.manifests().forEach(manifest -> states.merge(manifest.state(), 1, Integer::sum));
        for (Manifest.State each : Manifest.State.values()) {
            out.sample(MANIFESTS, states.getOrDefault(each, 0), each.name().toLowerCase(Locale.ROOT));
        }
    }

    private void mirrorPods(Exposition out, StatusSnapshot snapshot) throws IOException {
        Optional<Duration> lag = mirrors.lag().get();
        if (lag.isEmpty()) {
            return;
        }
        out.sample(MIRROR_LAG, Exposition.seconds(lag.get()));
        Map<String, Integer> states = new TreeMap<>(Map.of("created", 0, "pending", 0, "rejected", 0));
        for (PodReport pod : snapshot.pods()) {
            mirrors.state().apply(pod.name()).ifPresent(mirror -> states.merge(name(mirror), 1, Integer::sum));
        }
        for (Map.Entry<String, Integer> each : states.entrySet()) {
            out.sample(MIRRORS, each.getValue(), each.getKey());
        }
    }

    private static String name(MirrorState state) {
        return switch (state) {
            case MirrorState.Created _ -> "created";
            case MirrorState.Pending _ -> "pending";
            case MirrorState.Rejected _ -> "rejected";
        };
    }

    private void updates(Exposition out) throws IOException {
        WorkStatistics work = counts.work();
        out.sample(UPDATE_RESULTS, work.count(Count.UPDATES_COMPLETED), "completed");
        out.sample(UPDATE_RESULTS, work.count(Count.UPDATES_REJECTED), "rejected");
        out.sample(UPDATE_RESULTS, work.count(Count.UPDATES_SUPERSEDED), "superseded");
        out.sample(UPDATES, work.count(Count.UPDATES));
    }

    private static void phases(Exposition out, StatusSnapshot snapshot) throws IOException {
        Map<PodStatus.Phase, Integer> phases = new EnumMap<>(PodStatus.Phase.class);
        long ready = 0;
        for (PodReport pod : snapshot.pods()) {
            PodStatus status = PodStatusBuilder.build(pod, List.of());
            phases.merge(status.phase(), 1, Integer::sum);
            ready += status.conditions().stream()
                            .anyMatch(condition -> condition.type().equals("Ready") && condition.status())
                    ? 1
                    : 0;
        }
        for (PodStatus.Phase each : PodStatus.Phase.values()) {
            out.sample(PHASES, phases.getOrDefault(each, 0), each.name());
        }
        out.sample(READY, ready);
    }

    private void attempts(Exposition out) throws IOException {
        for (Probe.Kind kind : Probe.Kind.values()) {
            ProbeStatistics.Results results = counts.probes().totals(kind);
            out.sample(PROBES, results.failed(), ProbeMetrics.type(kind), "failed");
            out.sample(PROBES, results.successful(), ProbeMetrics.type(kind), "successful");
            out.sample(PROBES, results.unknown(), ProbeMetrics.type(kind), "unknown");
        }
    }
}
