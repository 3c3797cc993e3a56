package io.jubelet.status;

import io.jubelet.cri.ContainerId;
import io.jubelet.desired.DesiredPods;
import io.jubelet.events.Event;
import io.jubelet.events.EventRecorder;
import io.jubelet.observed.ObservedPod;
import io.jubelet.pod.ContainerHealth;
import io.jubelet.pod.PodName;
import io.jubelet.reconcile.PodView;
import io.jubelet.reconcile.ViewStore;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * The one thing that readers read: the latest view of every pod, and the manifests.
 *
 * <p>Safe for use by many threads. Publishing stores a reference and counts; whatever costs is done by whoever asks.
 */
public final class StatusStore implements ViewStore {

    private final ConcurrentHashMap<PodName, PodReport> reports = new ConcurrentHashMap<>();
    private final Supplier<DesiredPods> desired;
    private final EventRecorder events;
    private final ConditionTimesStore memory;
    private final AtomicLong version = new AtomicLong();
    /** Written before {@link #version} is read, read after it is written: so no change is missed by a waiter. */
    private final AtomicInteger waiters = new AtomicInteger();

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    /**
     * A board without pods.
     *
     * @param desired gives the manifests as read last, and must not block
     * @param events what happened to pods
     * @param memory of the times of conditions
     */
    public StatusStore(Supplier<DesiredPods> desired, EventRecorder events, ConditionTimesStore memory) {
        this.desired = Objects.requireNonNull(desired, "desired");
        this.memory = Objects.requireNonNull(memory, "memory");
        this.events = Objects.requireNonNull(events, "events");
    }

    /** Stores the view of a pod. Called by the pod's worker only. */
    @Override
    public void publish(PodView view) {
        PodReport before = reports.get(view.name());
        reports.put(view.name(), memory.remembered(before == null ? PodReport.first(view) : before.next(view)));
        bump();
    }

    /**
     * Puts what the probes say by now into a view that was just published, and remembers it for the next daemon, as
     * {@link #healthChanged} does not. Called by the pod's worker only.
     *
     * @param view the one that the worker published last
     * @param health what they say of the containers of a pod; does not block
     */
    @Override
    public void publishHealth(PodView view, Function<ObservedPod, Map<ContainerId, ContainerHealth>> health) {
        PodView latest = view;
        Map<ContainerId, ContainerHealth> now = health.apply(view.observed());
        while (!now.equals(latest.health())) {
            latest = latest.with(now);
            publish(latest);
            now = health.apply(view.observed()); // a probe may have been answered meanwhile
        }
    }

    /**
     * Puts what the probes say by now into the latest view of a pod, whose worker may be busy. Any thread.
     *
     * @param health what they say of the containers of a pod; does not block
     */
    @Override
    public void healthChanged(PodName name, Function<ObservedPod, Map<ContainerId, ContainerHealth>> health) {
        reports.computeIfPresent(
                name,
                (_, before) -> before.next(
                        before.view().with(health.apply(before.view().observed()))));
        bump();
    }

    /** Forgets a pod, of which nothing is wanted and nothing is left. */
    public void retire(PodName name) {
        if (reports.remove(name) != null) {
            bump();
        }
    }

    /** Says that the manifests were read anew. */
    public void manifestsChanged() {
        bump();
    }

    /** Says that there is another event. */
    public void eventsChanged() {
        bump();
    }

    /** The events that are kept; the one that happened last is last. */
    public List<Event> events() {
        return events.all();
    }

    /** How many changes there were; grows with every change. */
    public long version() {
        return version.get();
    }

    /** The latest report on one pod. */
    public Optional<PodReport> report(PodName name) {
        return Optional.ofNullable(reports.get(name));
    }

    /** Everything there is to report now. */
    public StatusSnapshot snapshot() {
        // Read first: what changes meanwhile makes the snapshot newer than its version, and is shown again.
        long before = version.get();
        List<PodReport> pods = reports.values().stream()
                .sorted(Comparator.comparing(PodReport::name))
                .toList();
        return StatusSnapshot.of(before, pods, desired.get());
    }

    /**
     * Waits until the board has changed since {@code seen}, but no longer than {@code atMost}.
     *
     * @return whether it has changed
     */
    public boolean awaitChange(long seen, Duration atMost) throws InterruptedException {
        lock.lockInterruptibly();
        waiters.incrementAndGet();
        try {
            long left = atMost.toNanos();
            while (version.get() == seen && left > 0) {
                left = changed.awaitNanos(left);
            }
            return version.get() != seen;
        } finally {
            waiters.decrementAndGet();
            lock.unlock();
        }
    }

    private void bump() {
        version.incrementAndGet();
        if (waiters.get() > 0) {
            lock.lock();
            try {
                changed.signalAll();
            } finally {
                lock.unlock();
            }
        }
    }
}
