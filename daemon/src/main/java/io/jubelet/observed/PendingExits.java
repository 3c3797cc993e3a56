/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.observed;

import io.jubelet.concurrent.Backoff;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Exits that an event has reported and that lists might not show yet.
 *
 * <p>A runtime that sends the event before it records the exit would otherwise be queried too
 * early, and then not again. So a container or sandbox that is still listed as live after such an
 * event is checked again after 32, 64, 128 ... milliseconds, for two seconds. That is soon enough
 * for a runtime that never reports the removal. Safe for use by many threads.
 */
final class PendingExits {

    private static final Duration EXPIRY = Duration.ofSeconds(2);
    private static final Backoff LOOKS = new Backoff(Duration.ofMillis(32), Duration.ofMillis(128));

    /**
     * Other clients of the runtime cause events as well. Beyond this number, expired entries are
     * dropped.
     */
    private static final int MAX_PENDING = 64;

    private record Pending(Instant at, int polls, Instant next, boolean removed) {}

    private final ReentrantLock lock = new ReentrantLock();
    private final Map<String, Pending> pending = new HashMap<>();

    /**
     * Records an event that says that this container or sandbox has ended. There may be two events,
     * for the end of the process and for the removal of its task, which containerd 1.6 sends just
     * before it records the exit; each starts with short delays.
     *
     * @param removed whether nothing is left of it
     */
    void announce(String id, Instant now, boolean removed) {
        lock.lock();
        try {
            if (pending.size() >= MAX_PENDING) {
                pending.values().removeIf(a -> expired(a, now));
            }
            pending.put(id, new Pending(now, 0, now, removed));
        } finally {
            lock.unlock();
        }
    }

    /** Returns whether the last event was a removal, and resets it. */
    boolean takeRemoved(String id) {
        lock.lock();
        try {
            Pending seen = pending.get(id);
            if (seen == null || !seen.removed()) {
                return false;
            }
            pending.put(id, new Pending(seen.at(), seen.polls(), seen.next(), false));
            return true;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Records that a list requested at {@code now} shows whether it is live. A list requested
     * before the event says nothing.
     */
    void listed(String id, boolean live, Instant now) {
        lock.lock();
        try {
            Pending seen = pending.get(id);
            if (seen == null) {
                return;
            }
            if (live && now.isBefore(seen.at()) && !expired(seen, now)) {
                return;
            }
            if (!live || expired(seen, now)) {
                pending.remove(id);
            } else {
                Duration delay = LOOKS.delay(seen.polls() + 1);
                pending.put(id, new Pending(seen.at(), seen.polls() + 1, now.plus(delay), seen.removed()));
            }
        } finally {
            lock.unlock();
        }
    }

    /** When to check a container or sandbox again that was last listed as live. */
    Optional<Instant> recheckAt(String id) {
        lock.lock();
        try {
            return Optional.ofNullable(pending.get(id)).map(Pending::next);
        } finally {
            lock.unlock();
        }
    }

    private static boolean expired(Pending exit, Instant now) {
        // an entry is far in the future only if the clock was set back since
        return Duration.between(exit.at(), now).abs().compareTo(EXPIRY) > 0;
    }
}
