/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.mirror;

import io.jubelet.concurrent.Loop;
import io.jubelet.concurrent.NodeClock;
import io.jubelet.concurrent.Threads;
import io.jubelet.kubeapi.KubeApi;
import io.jubelet.kubeapi.Reflector;
import io.jubelet.kubeapi.Retention;
import io.jubelet.kubeapi.WatchedCollection;
import io.jubelet.objects.MirrorState;
import io.jubelet.objects.PodJson;
import io.jubelet.pod.Pod;
import io.jubelet.pod.PodName;
import io.jubelet.status.PodReport;
import io.jubelet.status.StatusStore;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.IntSupplier;
import java.util.function.Supplier;

/**
 * Maintains the mirror pods of static pods at the API server.
 *
 * <p>One loop plans and owns the history; each request runs on a virtual thread of its own, so
 * that a slow request does not delay the others. Static pods do not depend on any of this. {@link
 * #state} and {@link #clusterPods} are safe for use by any thread.
 */
public final class MirrorPodManager implements AutoCloseable {

    private static final Duration FIRST_RETRY = Duration.ofMillis(200);
    private static final Duration MAX_RETRY = Duration.ofSeconds(5);
    private static final Duration IDLE = Duration.ofMinutes(1); // a safety net: every change wakes the loop
    /** Combines the many changes of a pod that starts. */
    private static final Duration MIN_TURN_INTERVAL = Duration.ofMillis(50);
    /** The shortest time between two plans, which look at every pod of the node. */
    private static final Duration MIN_PLAN_INTERVAL = Duration.ofMillis(20);
    /** The maximum number of parallel requests. */
    private static final int MAX_REQUESTS = 8;

    private final KubeApi api;
    private final Supplier<Optional<String>> nodeUid;
    private final StatusStore statusStore;
    private final Supplier<Optional<Set<PodName>>> alive;
    private final NodeClock clock;
    private final MirrorClient client;
    private final MirrorHistory history;
    private final PodJson json;
    private final Runnable clusterPodsChanged;
    private final Reflector<ApiPod> reflector;
    private final Loop loop;
    private final Loop watching;
    private volatile Map<PodName, MirrorState> states = Map.of();
    private volatile List<NamespacedName> clusterPods = List.of();
    /** The version of the board that was looked at last. */
    private volatile long seenVersion = -1;
    /** By {@link System#nanoTime}, when the API server last had everything; empty while it has. */
    private volatile OptionalLong behindSince = OptionalLong.empty();
    /**
     * The mirrored pods of the last turn. Touched by the loop alone, as is {@code reachedBefore}.
     */
    private Map<PodName, Rendered> rendered = Map.of();

    private boolean reachedBefore;
    /** The {@link System#nanoTime} of the last plan. */
    private long turnAt = System.nanoTime() - MIN_PLAN_INTERVAL.toNanos();

    /**
     * A mirrored pod and its report, which is compared by identity, because publishing creates a
     * new one.
     */
    private record Rendered(PodReport report, MirroredPod pod) {}

    /** Keeps all pods that have the name of a mirror pod, even if a tenant creates very many others. */
    private record MirrorsFirst(String node, StatusStore statusStore, IntSupplier mirrored)
            implements Retention<ApiPod> {

        @Override
        public int weight(ApiPod pod) {
            return pod.weight();
        }

        @Override
        public boolean isRequired(ApiPod pod) {
            return pod.name().staticPod(node).flatMap(statusStore::report).isPresent();
        }
    }

    /**
     * @param nodeUid the UID of the Node that owns mirror pods; empty while there is none, or while
     *     it is being deleted
     * @param pods the static pods
     * @param clusterPodsChanged called when {@link #clusterPods} has changed; must not block
     */
    public MirrorPodManager(
            KubeApi api,
            String node,
            Supplier<Optional<String>> nodeUid,
            MirrorSource pods,
            Runnable clusterPodsChanged,
            NodeClock clock) {
        this.api = Objects.requireNonNull(api, "api");
        this.nodeUid = Objects.requireNonNull(nodeUid, "nodeUid");
        this.statusStore = pods.statusStore();
        this.alive = pods.alive();
        this.json = pods.json();
        this.clock = Objects.requireNonNull(clock, "clock");
        this.clusterPodsChanged = Objects.requireNonNull(clusterPodsChanged, "clusterPodsChanged");
        this.client = new MirrorClient(api, clock::steady);
        this.history = new MirrorHistory(node, pods.events(), this::content, clock::steady);
        this.loop = Loop.unstarted("mirrors", FIRST_RETRY, MAX_RETRY, this::turn);
        this.watching = Loop.unstarted("mirrors/status", FIRST_RETRY, MAX_RETRY, this::watch);
        this.reflector = new Reflector<>(
                api,
                new WatchedCollection<>(
                        "pods",
                        "/api/v1/pods",
                        "spec.nodeName=" + node,
                        ApiPod.WANTED,
                        ApiPod::of,
                        new MirrorsFirst(node, statusStore, () -> states.size())),
                loop::wake);
    }

    /** Starts the watch and the loops. */
    public void start() {
        api.onReachabilityChange(loop::wake);
        reflector.start();
        loop.begin();
        watching.begin();
    }

    /** Reports that the Node was created or deleted. */
    public void nodeChanged() {
        loop.wake();
    }

    /** Returns the state of a static pod's mirror pod; empty when there is none. */
    public Optional<MirrorState> state(PodName pod) {
        return api.reachable()
                ? Optional.ofNullable(states.get(pod))
                : Optional.of(new MirrorState.Pending(api.problem()));
    }

    /**
     * Returns the pods that the cluster has scheduled to this node, which are not run, as last
     * known.
     */
    public List<String> clusterPods() {
        return clusterPods.stream().map(NamespacedName::toString).toList();
    }

    /** How long the API server has lacked something that this node wants to show there; zero while it has everything. */
    public Duration lag() {
        OptionalLong since = behindSince;
        return since.isEmpty() ? Duration.ZERO : Duration.ofNanos(System.nanoTime() - since.getAsLong());
    }

    private void setBehind(boolean behind) {
        if (behind != behindSince.isPresent()) {
            behindSince = behind ? OptionalLong.of(System.nanoTime()) : OptionalLong.empty();
        }
    }

    private Duration watch() throws InterruptedException {
        if (statusStore.awaitChange(seenVersion, IDLE)) {
            loop.wake();
        }
        return MIN_TURN_INTERVAL;
    }

    private Duration turn() {
        // A watch can send hundreds of events in a second.
        long sinceTurn = System.nanoTime() - turnAt;
        if (sinceTurn < MIN_PLAN_INTERVAL.toNanos()) {
            return MIN_PLAN_INTERVAL.minusNanos(sinceTurn);
        }
        turnAt = System.nanoTime();
        Instant now = clock.steady();
        history.processOutcomes();
        seenVersion = statusStore.version();
        Optional<Reflector.Snapshot<ApiPod>> found = reflector.snapshot();
        if (!api.reachable() || found.isEmpty()) {
            reachedBefore = false;
            setBehind(true);
            return IDLE;
        }
        if (!reachedBefore) {
            reachedBefore = true;
            history.retryNow(now);
        }
        Map<PodName, PodReport> reports = new HashMap<>();
        statusStore.snapshot().pods().forEach(report -> reports.put(report.name(), report));
        MirrorPlan plan = MirrorPlanner.plan(
                history.plannerInput(nodeUid.get(), found.get(), mirroredPods(reports), alive.get(), now));
        states = shown(plan.states());
        if (!clusterPods.equals(plan.clusterPods())) {
            clusterPods = plan.clusterPods();
            clusterPodsChanged.run();
        }
        setBehind(!plan.actions().isEmpty() || history.inFlight() > 0);
        plan.actions().stream()
                .limit(Math.max(0, MAX_REQUESTS - history.inFlight()))
                .forEach(action -> start(action, reports));
        return plan.due().map(due -> Duration.between(now, due)).orElse(IDLE);
    }

    /** The states with the times of the next attempts by the wall clock. */
    private Map<PodName, MirrorState> shown(Map<PodName, MirrorState> planned) {
        Map<PodName, MirrorState> shown = new HashMap<>(planned);
        shown.replaceAll((_, state) -> state instanceof MirrorState.Rejected(String message, Optional<Instant> retryAt)
                ? new MirrorState.Rejected(message, retryAt.map(clock::wallTime))
                : state);
        return Map.copyOf(shown);
    }

    private List<MirroredPod> mirroredPods(Map<PodName, PodReport> reports) {
        Map<PodName, Rendered> next = new HashMap<>();
        reports.forEach((name, report) -> {
            Rendered before = rendered.get(name);
            next.put(name, before != null && before.report() == report ? before : rendered(report));
        });
        rendered = next;
        return next.values().stream().map(Rendered::pod).toList();
    }

    private Rendered rendered(PodReport report) {
        return new Rendered(
                report,
                new MirroredPod(
                        report.name(),
                        report.view().shown(),
                        report.endingSince().isPresent(),
                        report.since(),
                        ApiPod.digest(json.status(report))));
    }

    private void start(MirrorAction action, Map<PodName, PodReport> reports) {
        String status = action instanceof MirrorAction.PatchStatus patch
                ? json.status(Objects.requireNonNull(reports.get(patch.pod()), "report"))
                : "";
        history.markStarted(action);
        Threads.startVirtual("mirror/" + action.name(), () -> request(action, status));
    }

    private void request(MirrorAction action, String status) {
        MirrorClient.Outcome outcome = new MirrorClient.Outcome.NoResponse("it was interrupted");
        try {
            outcome = client.execute(action, status);
            if (outcome instanceof MirrorClient.Outcome.Rejected rejected && rejected.isNameTaken()) {
                reflector.findSkipped();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            history.complete(action, outcome);
            loop.wake();
        }
    }

    private Optional<Pod> content(PodName pod) {
        return statusStore.report(pod).flatMap(report -> report.view().shown());
    }

    @Override
    public void close() {
        watching.close();
        loop.close();
        reflector.close();
    }
}
