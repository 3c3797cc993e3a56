/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cri.simulated;

import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.Optional;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/**
 * A clock that a test advances. Scheduled tasks run on the thread that advances it, each at its own
 * time. Thread-safe.
 */
public final class ManualClock implements SimulatedClock {
    private record Task(Instant at, long order, Runnable action) {}

    private final PriorityQueue<Task> tasks =
            new PriorityQueue<>(Comparator.comparing(Task::at).thenComparing(Task::order));
    private Instant now;
    private long scheduled;

    ManualClock(Instant start) {
        this.now = start;
    }

    @Override
    public synchronized Instant instant() {
        return now;
    }

    @Override
    public synchronized void schedule(Instant at, Runnable task) {
        tasks.add(new Task(at, scheduled++, task));
    }

    /** Returns the time of the next task; empty if there is none. */
    public synchronized Optional<Instant> nextDue() {
        return Optional.ofNullable(tasks.peek()).map(Task::at);
    }

    /**
     * Advances the clock and runs all tasks that become due, including those that these tasks
     * schedule.
     */
    public void advance(Duration by) {
        advanceTo(instant().plus(by));
    }

    /**
     * Like {@link #advance}, to a given time; a time in the past only runs the tasks that are due.
     */
    public void advanceTo(Instant until) {
        for (Task task = due(until); task != null; task = due(until)) {
            task.action().run();
        }
        synchronized (this) {
            now = later(now, until);
        }
    }

    private synchronized @Nullable Task due(Instant until) {
        Task task = tasks.peek();
        if (task == null || task.at().isAfter(later(now, until))) {
            return null;
        }
        now = later(now, task.at());
        return tasks.poll();
    }

    private static Instant later(Instant one, Instant other) {
        return one.isAfter(other) ? one : other;
    }
}
