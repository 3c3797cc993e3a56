/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
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
 * The latest view of every pod and the latest manifests, for all readers.
 *
 * <p>Safe for use by many threads. Publishing stores a reference and counts up; expensive work is
 * done by the reader.
 */
public final class StatusStore implements ViewStore {

    private final ConcurrentHashMap<PodName, PodReport> reports = new ConcurrentHashMap<>();
    private final Supplier<DesiredPods> desired;
    private final EventRecorder events;
    private final ConditionTimesStore conditionTimes;
    private final AtomicLong version = new AtomicLong();
    /**
     * Incremented before {@link #version} is read, and read after it is written, so that no waiter
     * misses a change.
     */
    private final AtomicInteger waiters = new AtomicInteger();

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    /**
     * Creates a store without pods.
     *
     * @param desired returns the manifests that were read last; must not block
     * @param events the events of the pods
     * @param conditionTimes stores the times of conditions
     */
    public StatusStore(Supplier<DesiredPods> desired, EventRecorder events, ConditionTimesStore conditionTimes) {
        this.desired = Objects.requireNonNull(desired, "desired");
        this.conditionTimes = Objects.requireNonNull(conditionTimes, "memory");
        this.events = Objects.requireNonNull(events, "events");
    }

    /** Stores the view of a pod. Called only by the worker of the pod. */
    @Override
    public void publish(PodView view) {
        PodReport before = reports.get(view.name());
        reports.put(
                view.name(),
                conditionTimes.withConditionTimes(before == null ? PodReport.first(view) : before.next(view)));
        signalChange();
    }

    /**
     * Adds the current results of the probes to a view that was just published, and stores them for
     * the next daemon, which {@link #healthChanged} does not. Called only by the worker of the pod.
     *
     * @param view the view that the worker published last
     * @param health returns the results for the containers of a pod; does not block
     */
    @Override
    public void publishHealth(PodView view, Function<ObservedPod, Map<ContainerId, ContainerHealth>> health) {
        PodView latest = view;
        Map<ContainerId, ContainerHealth> now = health.apply(view.observed());
        while (!now.equals(latest.health())) {
            latest = latest.with(now);
            publish(latest);
            now = health.apply(view.observed()); // a probe may have finished meanwhile
        }
    }

    /**
     * Adds the current results of the probes to the latest view of a pod whose worker may be busy.
     * Any thread.
     *
     * @param health returns the results for the containers of a pod; does not block
     */
    @Override
    public void healthChanged(PodName name, Function<ObservedPod, Map<ContainerId, ContainerHealth>> health) {
        reports.computeIfPresent(
                name,
                (_, before) -> before.next(
                        before.view().with(health.apply(before.view().observed()))));
        signalChange();
    }

    /** Removes a pod that is not desired and has nothing left on the runtime. */
    public void retire(PodName name) {
        if (reports.remove(name) != null) {
            signalChange();
        }
    }

    /** Notifies waiters that the manifests were read again. */
    public void manifestsChanged() {
        signalChange();
    }

    /** Notifies waiters that there is another event. */
    public void eventsChanged() {
        signalChange();
    }

    /** The recorded events, ordered by their last occurrence. */
    public List<Event> events() {
        return events.all();
    }

    /** The number of changes so far; grows with every change. */
    public long version() {
        return version.get();
    }

    /** The latest report on a pod. */
    public Optional<PodReport> report(PodName name) {
        return Optional.ofNullable(reports.get(name));
    }

    /** Returns all pods and manifests as they are now. */
    public StatusSnapshot snapshot() {
        // Read first: a change that happens meanwhile makes the snapshot newer than its version,
        // and is shown again.
        long before = version.get();
        List<PodReport> pods = reports.values().stream()
                .sorted(Comparator.comparing(PodReport::name))
                .toList();
        return StatusSnapshot.of(before, pods, desired.get());
    }

    /**
     * Waits until the store has changed since {@code seen}, but no longer than {@code atMost}.
     *
     * @return whether it has changed
     * @throws InterruptedException if the thread is interrupted
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

    private void signalChange() {
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
