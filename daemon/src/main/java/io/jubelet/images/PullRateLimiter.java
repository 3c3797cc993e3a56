package io.jubelet.images;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.locks.ReentrantLock;

/**
 * How often registries are asked for images: so often at once, and so often in a second afterwards.
 *
 * <p>A deviation from the kubelet, where a pull that comes too early fails and backs off: here it waits its turn. Safe for use
 * by many threads.
 */
public final class PullRateLimiter {

    /** In nanoseconds. Durations that are multiplied load large numbers, for which a start has no time. */
    private static final long SECOND = 1_000_000_000;

    private final Duration interval;
    private final Duration tolerance;
    private final ReentrantLock lock = new ReentrantLock();
    /** When the next pull would be due if all came in even distances. Guarded by the lock. */
    private Instant due = Instant.MIN;

    /**
     * @param perSecond zero for no limit
     * @param burst how many may come at once, at least one
     */
    public PullRateLimiter(int perSecond, int burst) {
        this.interval = Duration.ofNanos(perSecond == 0 ? 0 : SECOND / perSecond);
        this.tolerance = Duration.ofNanos(interval.toNanos() * (Math.max(burst, 1) - 1L));
    }

    /** Takes the next turn; returns how long to wait for it. */
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
