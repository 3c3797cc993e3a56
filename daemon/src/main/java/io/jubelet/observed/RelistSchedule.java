/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.observed;

import java.time.Duration;
import java.util.concurrent.locks.ReentrantLock;

/**
 * When the next relist is due: after the regular period, and soon after a worker has done
 * something, to check whether the runtime agrees. One relist covers everything that was done in the
 * meantime, so that many pods at once cause few relists. Safe for use by many threads; all times
 * are of {@link System#nanoTime}.
 */
final class RelistSchedule {

    /** The delay after work was done, because a worker that has just acted usually continues. */
    static final Duration DELAY = Duration.ofSeconds(1);

    /** The longest delay, even if work continues. */
    static final Duration MAX_DELAY = Duration.ofSeconds(5);

    private final ReentrantLock lock = new ReentrantLock();

    /** Guarded by the lock, as are the next three. */
    private long regular;

    private boolean requested;
    private long firstRequest;
    private long lastRequest;

    /** Creates a schedule whose first relist is due at {@code first}. */
    RelistSchedule(long first) {
        this.regular = first;
    }

    /** Requests a relist, because something was done. */
    void request(long now) {
        lock.lock();
        try {
            firstRequest = requested ? firstRequest : now;
            lastRequest = now;
            requested = true;
        } finally {
            lock.unlock();
        }
    }

    /** Requests a relist at once. */
    void requestNow(long now) {
        lock.lock();
        try {
            regular = now;
        } finally {
            lock.unlock();
        }
    }

    /** The time until the next relist; zero or less if it is due. */
    Duration remaining(long now) {
        lock.lock();
        try {
            long remaining = regular - now;
            if (requested) {
                remaining = Math.min(remaining, lastRequest + DELAY.toNanos() - now);
                remaining = Math.min(remaining, firstRequest + MAX_DELAY.toNanos() - now);
            }
            return Duration.ofNanos(remaining);
        } finally {
            lock.unlock();
        }
    }

    /**
     * Records that a relist has started. It stays due until {@link #finished}, and requests from
     * now on are for another one.
     */
    void started(long now) {
        lock.lock();
        try {
            requested = false;
            regular = now;
        } finally {
            lock.unlock();
        }
    }

    /** Records that the relist has finished; the next is due after {@code pause} at the latest. */
    void finished(long now, Duration pause) {
        lock.lock();
        try {
            regular = now + pause.toNanos();
        } finally {
            lock.unlock();
        }
    }
}
