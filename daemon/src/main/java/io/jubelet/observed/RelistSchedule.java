package io.jubelet.observed;

import java.time.Duration;
import java.util.concurrent.locks.ReentrantLock;

/**
 * When the next list of everything is due: after the regular pause, and soon after work was done, to see whether the
 * runtime agrees. One list serves whatever was done in the meantime, so that many pods at once cost few lists. Safe for use
 * by many threads; all times are of {@link System#nanoTime}.
 */
final class RelistSchedule {

    /** Not at once: who has just worked mostly works on. */
    static final Duration SOON = Duration.ofSeconds(1);

    /** However much goes on. */
    static final Duration LATEST = Duration.ofSeconds(5);

    private final ReentrantLock lock = new ReentrantLock();

    /** Guarded by the lock, as are the next three. */
    private long regular;

    private boolean asked;
    private long firstAsk;
    private long lastAsk;

    /** The first list is due at {@code first}. */
    RelistSchedule(long first) {
        this.regular = first;
    }

    /** Something was done. */
    void ask(long now) {
        lock.lock();
        try {
            firstAsk = asked ? firstAsk : now;
            lastAsk = now;
            asked = true;
        } finally {
            lock.unlock();
        }
    }

    /** A list is due at once. */
    void atOnce(long now) {
        lock.lock();
        try {
            regular = now;
        } finally {
            lock.unlock();
        }
    }

    /** How long until the next list; zero or less when it is due. */
    Duration left(long now) {
        lock.lock();
        try {
            long left = regular - now;
            if (asked) {
                left = Math.min(left, lastAsk + SOON.toNanos() - now);
                left = Math.min(left, firstAsk + LATEST.toNanos() - now);
            }
            return Duration.ofNanos(left);
        } finally {
            lock.unlock();
        }
    }

    /** A list is being taken; it stays due until {@link #taken}, and what is done from now on asks for another. */
    void begin(long now) {
        lock.lock();
        try {
            asked = false;
            regular = now;
        } finally {
            lock.unlock();
        }
    }

    /** The list was taken, and the next is due after {@code pause} at the latest. */
    void taken(long now, Duration pause) {
        lock.lock();
        try {
            regular = now + pause.toNanos();
        } finally {
            lock.unlock();
        }
    }
}
