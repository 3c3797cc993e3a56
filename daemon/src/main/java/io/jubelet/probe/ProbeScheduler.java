package io.jubelet.probe;

import io.jubelet.concurrent.Loop;
import io.jubelet.cri.ContainerId;
import io.jubelet.cri.CriException;
import io.jubelet.events.EventRecorder;
import io.jubelet.pod.ContainerHealth;
import io.jubelet.pod.PodName;
import io.jubelet.pod.Probe;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has every attempt of every probe made when it is due, and keeps what they say.
 *
 * <p>Safe for use by many threads: the loop takes turns, each attempt runs on a thread of its own, and workers tell what
 * there is to probe. Nobody waits for anything while holding the lock.
 */
final class ProbeScheduler {

    private static final Logger LOG = LoggerFactory.getLogger(ProbeScheduler.class);

    /** Attempts due within this time are begun by one turn; a turn for each would cost more than the attempts. */
    private static final long TOGETHER = Duration.ofMillis(10).toNanos();

    private static final Duration IDLE = Duration.ofHours(1);

    /** Source: the kubelet's limit, for a question that could not be put. */
    private static final int MAX_TRIES = 3;

    private final ProbeExecutor attempts;
    private final BiConsumer<String, Runnable> startThread;
    private final Consumer<PodName> wake;
    private final EventRecorder events;
    private final LongSupplier nanos;
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<ContainerId, ProbedContainer> containers = new HashMap<>();
    private final PriorityQueue<Due> queue = new PriorityQueue<>(Comparator.comparingLong(Due::at));

    /** What readers see of {@link #containers}; written under the lock. */
    private final Map<ContainerId, ContainerHealth> health = new ConcurrentHashMap<>();

    private long nextTurn = Long.MAX_VALUE;
    private Loop loop;
    private boolean closed;

    /** An entry that its run has moved away from is passed over. */
    private record Due(long at, ProbeRun run) {}

    /**
     * @param startThread runs an attempt, given a name and the work
     * @param wake takes the pod of which a container's health has changed
     * @param events told of what is wrong
     * @param nanos a clock that only goes forward
     */
    ProbeScheduler(
            ProbeExecutor attempts,
            BiConsumer<String, Runnable> startThread,
            Consumer<PodName> wake,
            EventRecorder events,
            LongSupplier nanos) {
        this.attempts = attempts;
        this.startThread = startThread;
        this.wake = wake;
        this.events = events;
        this.nanos = nanos;
    }

    /** Begins to take turns. */
    void start() {
        loop = Loop.start("probes", Duration.ofMillis(100), Duration.ofSeconds(5), this::turn);
    }

    // --- what there is to probe

    /** The time of its clock, in nanoseconds. */
    long now() {
        return nanos.getAsLong();
    }

    /** What is known of a container; null when nothing was told of it. Takes no lock. */
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

    /** The container runs, and a view of it was published. */
    void seen(ContainerId id, boolean ending) {
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
            if (now.started() && !now.ready()) {
                // As the kubelet: whoever looks at a pod that is not ready learns soon whether it is by now.
                container
                        .run(Probe.Kind.READINESS)
                        .filter(run -> run.hurry(nanos.getAsLong()))
                        .ifPresent(this::enqueue);
            }
        } finally {
            lock.unlock();
        }
    }

    /** The container runs no more; what was said of it stays until it is {@linkplain #forget forgotten}. */
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

    /** The container is not there any more. */
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
        if (!run.waits()) {
            return;
        }
        queue.add(new Due(run.due(), run));
        if (loop != null && run.due() < nextTurn) {
            nextTurn = run.due();
            loop.wake();
        }
    }

    /** Begins what is due; returns how long to wait for the next. */
    Duration turn() {
        lock.lock();
        try {
            long now = nanos.getAsLong();
            while (!queue.isEmpty() && queue.peek().at() <= now) {
                Due next = queue.poll();
                if (next.run().waits() && next.run().due() == next.at() && !closed) {
                    begin(next.run(), now);
                }
            }
            if (queue.isEmpty()) {
                nextTurn = Long.MAX_VALUE;
                return IDLE;
            }
            nextTurn = Math.max(queue.peek().at(), now + TOGETHER);
            return Duration.ofNanos(nextTurn - now);
        } finally {
            lock.unlock();
        }
    }

    private void begin(ProbeRun run, long now) {
        run.begin(now);
        ProbeTarget target = run.container.target;
        startThread.accept(
                "probe/" + run.container.pod + "/" + target.spec().name() + "/" + word(run.kind), () -> attempt(run));
    }

    private void attempt(ProbeRun run) {
        Outcome outcome = Outcome.error("not asked");
        try {
            outcome = tried(run);
        } catch (CriException.Cancelled e) {
            LOG.debug("pod={} an attempt of a probe was cancelled", run.container.pod, e);
        } catch (RuntimeException e) {
            LOG.error("pod={} an attempt of a probe ended by a bug", run.container.pod, e);
        }
        if (finished(run, outcome)) {
            wake.accept(run.container.pod);
        }
    }

    private Outcome tried(ProbeRun run) {
        Outcome outcome = attempts.make(run.probe, run.container.target);
        for (int n = 1; n < MAX_TRIES && outcome.verdict() == Outcome.Verdict.ERROR; n++) {
            outcome = attempts.make(run.probe, run.container.target);
        }
        return outcome;
    }

    /** Whether the container's health has changed. */
    private boolean finished(ProbeRun run, Outcome outcome) {
        ContainerId id = run.container.target.id();
        boolean asked;
        boolean changed;
        lock.lock();
        try {
            asked = !run.ended();
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
        if (asked) {
            tell(run, outcome, changed);
        }
        return changed;
    }

    // --- what has happened

    /** The one place that tells people what attempts have shown. */
    private void tell(ProbeRun run, Outcome outcome, boolean changed) {
        String kind = word(run.kind);
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

    private void event(ProbeRun run, String reason, String words, Outcome outcome) {
        String kind = word(run.kind);
        events.warning(
                run.container.version,
                run.container.target.spec().name(),
                reason,
                Character.toUpperCase(kind.charAt(0)) + kind.substring(1) + words + outcome.message());
    }

    private static String word(Probe.Kind kind) {
        return switch (kind) {
            case STARTUP -> "startup";
            case LIVENESS -> "liveness";
            case READINESS -> "readiness";
        };
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
