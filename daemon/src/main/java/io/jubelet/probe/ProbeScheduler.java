/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.probe;

import io.jubelet.concurrent.Loop;
import io.jubelet.cri.ContainerId;
import io.jubelet.cri.CriException;
import io.jubelet.events.EventRecorder;
import io.jubelet.pod.ContainerHealth;
import io.jubelet.pod.PodName;
import io.jubelet.pod.Probe;
import java.time.Duration;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes every attempt of every probe when it is due, and keeps the results.
 *
 * <p>Safe for use by many threads: the loop takes turns, each attempt runs on a thread of its own,
 * and workers add and remove containers. No thread waits for anything while it holds the lock.
 */
final class ProbeScheduler {

    private static final Logger LOG = LoggerFactory.getLogger(ProbeScheduler.class);

    /**
     * Attempts that are due within this time start in one turn, because a turn for each would cost
     * more than the attempts.
     */
    private static final long BATCH_WINDOW = Duration.ofMillis(10).toNanos();

    private static final Duration IDLE = Duration.ofHours(1);

    /** Source: the kubelet's limit for attempts that could not be made. */
    private static final int MAX_TRIES = 3;

    private final ProbeExecutor executor;
    private final BiConsumer<String, Runnable> startThread;
    private final Consumer<PodName> wake;
    private final EventRecorder events;
    private final LongSupplier nanos;
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<ContainerId, ProbedContainer> containers = new HashMap<>();
    private final PriorityQueue<Due> queue = new PriorityQueue<>(Comparator.comparingLong(Due::at));

    /** The health of {@link #containers} for readers; written under the lock. */
    private final Map<ContainerId, ContainerHealth> health = new ConcurrentHashMap<>();

    /** How many attempts ended in each way, by kind and verdict, those of containers that are gone included. */
    private final long[][] totals = new long[Probe.Kind.values().length][Outcome.Verdict.values().length];

    private long nextTurn = Long.MAX_VALUE;
    private @Nullable Loop loop;
    private boolean closed;

    /** An entry is skipped if its run has another due time by now. */
    private record Due(long at, ProbeRun run) {}

    /**
     * @param startThread runs an attempt, given a thread name and the work
     * @param wake receives the pod when the health of a container has changed
     * @param events records failures
     * @param nanos a monotonic clock
     */
    ProbeScheduler(
            ProbeExecutor executor,
            BiConsumer<String, Runnable> startThread,
            Consumer<PodName> wake,
            EventRecorder events,
            LongSupplier nanos) {
        this.executor = executor;
        this.startThread = startThread;
        this.wake = wake;
        this.events = events;
        this.nanos = nanos;
    }

    /** Starts the loop. */
    void start() {
        loop = Loop.start("probes", Duration.ofMillis(100), Duration.ofSeconds(5), this::turn);
    }

    // --- what there is to probe

    /** The current time of its clock, in nanoseconds. */
    long now() {
        return nanos.getAsLong();
    }

    /** The health of a container; null if it was never added. Takes no lock. */
    @Nullable
    ContainerHealth health(ContainerId id) {
        return health.get(id);
    }

    void add(ProbedContainer container) {
        lock.lock();
        try {
            if (closed || containers.putIfAbsent(container.target.id(), container) != null) {
                return;
            }
            health.put(container.target.id(), container.health());
            container.active().forEach(this::enqueue);
        } finally {
            lock.unlock();
        }
    }

    /** Records that the container runs and a view of it was published. */
    void observe(ContainerId id, boolean ending) {
        lock.lock();
        try {
            ProbedContainer container = containers.get(id);
            if (container == null) {
                return;
            }
            if (ending) {
                container.endAllButReadiness();
            }
            ContainerHealth now = health.get(id);
            if (now != null && now.started() && !now.ready()) {
                // As in the kubelet, a view of a pod that is not ready makes the readiness probe
                // run soon.
                container
                        .run(Probe.Kind.READINESS)
                        .filter(run -> run.runNow(nanos.getAsLong()))
                        .ifPresent(this::enqueue);
            }
        } finally {
            lock.unlock();
        }
    }

    /** Records that the container has ended. Its health stays until {@link #forget}. */
    void ended(ContainerId id) {
        lock.lock();
        try {
            ProbedContainer container = containers.get(id);
            if (container != null) {
                container.end();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Removes a container that no longer exists. */
    void forget(ContainerId id) {
        lock.lock();
        try {
            ProbedContainer container = containers.remove(id);
            if (container != null) {
                container.end();
                health.remove(id);
            }
        } finally {
            lock.unlock();
        }
    }

    // --- turns

    private void enqueue(ProbeRun run) {
        if (!run.canBecomeDue()) {
            return;
        }
        queue.add(new Due(run.due(), run));
        if (loop != null && run.due() < nextTurn) {
            nextTurn = run.due();
            loop.wake();
        }
    }

    /** Starts the attempts that are due; returns how long to wait for the next. */
    Duration turn() {
        lock.lock();
        try {
            long now = nanos.getAsLong();
            while (!queue.isEmpty() && queue.peek().at() <= now) {
                Due next = queue.poll();
                if (next.run().canBecomeDue() && next.run().due() == next.at() && !closed) {
                    begin(next.run(), now);
                }
            }
            if (queue.isEmpty()) {
                nextTurn = Long.MAX_VALUE;
                return IDLE;
            }
            nextTurn = Math.max(queue.peek().at(), now + BATCH_WINDOW);
            return Duration.ofNanos(nextTurn - now);
        } finally {
            lock.unlock();
        }
    }

    private void begin(ProbeRun run, long now) {
        run.begin(now);
        ProbeTarget target = run.container.target;
        startThread.accept(
                "probe/" + run.container.pod + "/" + target.spec().name() + "/" + kindName(run.kind),
                () -> attempt(run));
    }

    private void attempt(ProbeRun run) {
        Outcome outcome = Outcome.error("not attempted");
        try {
            outcome = attemptWithRetries(run);
        } catch (CriException.Cancelled e) {
            LOG.debug("pod={} probe attempt was cancelled", run.container.pod, e);
        } catch (RuntimeException e) {
            LOG.error("pod={} internal error in a probe attempt", run.container.pod, e);
        }
        if (recordResult(run, outcome)) {
            wake.accept(run.container.pod);
        }
    }

    private Outcome attemptWithRetries(ProbeRun run) {
        Outcome outcome = executor.attempt(run.probe, run.container.target);
        for (int n = 1; n < MAX_TRIES && outcome.verdict() == Outcome.Verdict.ERROR; n++) {
            outcome = executor.attempt(run.probe, run.container.target);
        }
        return outcome;
    }

    /**
     * Records the outcome of an attempt. Returns whether the health of the container has changed.
     */
    private boolean recordResult(ProbeRun run, Outcome outcome) {
        ContainerId id = run.container.target.id();
        boolean active;
        boolean changed;
        lock.lock();
        try {
            active = !run.ended();
            if (active) {
                totals[run.kind.ordinal()][outcome.verdict().ordinal()]++;
            }
            changed = run.finish(outcome, nanos.getAsLong());
            if (changed && containers.get(id) == run.container) {
                health.put(id, run.container.health());
            }
            if (changed && run.kind == Probe.Kind.STARTUP) {
                run.container.active().forEach(this::enqueue);
            }
            enqueue(run);
        } finally {
            lock.unlock();
        }
        if (active) {
            report(run, outcome, changed);
        }
        return changed;
    }

    // --- what has happened

    /** Logs the outcome of an attempt and records events. Nothing else reports outcomes. */
    private void report(ProbeRun run, Outcome outcome, boolean changed) {
        String kind = kindName(run.kind);
        String name = run.container.target.spec().name();
        switch (outcome.verdict()) {
            case SUCCESS -> {
                if (changed) {
                    LOG.info("pod={} container={} {} probe succeeded", run.container.pod, name, kind);
                }
            }
            case WARNING -> {
                event(run, "ProbeWarning", " probe warning: ", outcome);
                LOG.debug("pod={} container={} {} probe warning: {}", run.container.pod, name, kind, outcome.message());
            }
            case FAILURE -> {
                event(run, "Unhealthy", " probe failed: ", outcome);
                if (changed) {
                    LOG.warn(
                            "pod={} container={} {} probe failed: {}",
                            run.container.pod,
                            name,
                            kind,
                            outcome.message());
                } else {
                    LOG.debug(
                            "pod={} container={} {} probe failed: {}",
                            run.container.pod,
                            name,
                            kind,
                            outcome.message());
                }
            }
            case ERROR -> {
                event(run, "Unhealthy", " probe errored and resulted in unknown state: ", outcome);
                LOG.warn("pod={} container={} {} probe errored: {}", run.container.pod, name, kind, outcome.message());
            }
        }
    }

    private void event(ProbeRun run, String reason, String text, Outcome outcome) {
        String kind = kindName(run.kind);
        events.warning(
                run.container.version,
                run.container.target.spec().name(),
                reason,
                Character.toUpperCase(kind.charAt(0)) + kind.substring(1) + text + outcome.message());
    }

    private static String kindName(Probe.Kind kind) {
        return switch (kind) {
            case STARTUP -> "startup";
            case LIVENESS -> "liveness";
            case READINESS -> "readiness";
        };
    }

    /** How the attempts of all probes of a kind ended so far, those of containers that are gone included. */
    ProbeStatistics.Results totals(Probe.Kind kind) {
        lock.lock();
        try {
            long[] of = totals[kind.ordinal()];
            return new ProbeStatistics.Results(
                    of[Outcome.Verdict.SUCCESS.ordinal()] + of[Outcome.Verdict.WARNING.ordinal()],
                    of[Outcome.Verdict.FAILURE.ordinal()],
                    of[Outcome.Verdict.ERROR.ordinal()]);
        } finally {
            lock.unlock();
        }
    }

    /** How the attempts of the probes of all containers that exist ended so far. */
    List<ProbeStatistics> statistics() {
        lock.lock();
        try {
            return containers.values().stream()
                    .flatMap(container ->
                            Arrays.stream(Probe.Kind.values()).flatMap(kind -> container.run(kind).stream()))
                    .map(ProbeRun::statistics)
                    .toList();
        } finally {
            lock.unlock();
        }
    }

    void close() {
        lock.lock();
        try {
            closed = true;
            queue.clear();
        } finally {
            lock.unlock();
        }
        if (loop != null) {
            loop.close();
        }
    }
}
