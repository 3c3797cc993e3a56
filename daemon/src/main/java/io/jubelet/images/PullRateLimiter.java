/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.images;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Limits the rate of pulls: a burst at once, and then a number per second.
 *
 * <p>Unlike the kubelet, where an early pull fails and backs off, a pull waits for its turn.
 * Safe for use by many threads.
 */
public final class PullRateLimiter {

    /** In nanoseconds: multiplying a Duration would load BigDecimal at the start. */
    private static final long SECOND = 1_000_000_000;

    private final Duration interval;
    private final Duration tolerance;
    private final ReentrantLock lock = new ReentrantLock();
    /** When the next pull is due if pulls are evenly spaced. Guarded by the lock. */
    private Instant due = Instant.MIN;

    /**
     * @param perSecond zero for no limit
     * @param burst how many pulls can start at once, at least one
     */
    public PullRateLimiter(int perSecond, int burst) {
        this.interval = Duration.ofNanos(perSecond == 0 ? 0 : SECOND / perSecond);
        this.tolerance = Duration.ofNanos(interval.toNanos() * (Math.max(burst, 1) - 1L));
    }

    /** Reserves the next turn; returns how long to wait for it. */
    Duration reserve(Instant now) {
        if (interval.isZero()) {
            return Duration.ZERO;
        }
        lock.lock();
        try {
            Instant turn = due.isBefore(now) ? now : due;
            due = turn.plus(interval);
            Duration wait = Duration.between(now, turn).minus(tolerance);
            return wait.isNegative() ? Duration.ZERO : wait;
        } finally {
            lock.unlock();
        }
    }
}
