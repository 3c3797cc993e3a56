package io.jubelet.observed;

import io.jubelet.concurrent.Backoff;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Ends of processes that an event told of and that lists may not show yet.
 *
 * <p>A runtime that sends the event before it notes the end would otherwise be looked at too early, and then not again.
 * So whoever still lists as live after such an announcement is looked at again after 32, 64, 128 ... milliseconds, for
 * two seconds: soon enough for a runtime that never announces the removal, which is what the observer waits for. Safe for
 * use by many threads.
 */
final class PendingExits {

    private static final Duration GIVE_UP = Duration.ofSeconds(2);
    private static final Backoff LOOKS = new Backoff(Duration.ofMillis(32), Duration.ofMillis(128));

    /** Ids of other clients of the runtime come in as well: beyond this, old announcements are thrown out. */
    private static final int CROWDED = 64;

    private record Announcement(Instant at, int looks, Instant next, boolean released) {}

    private final ReentrantLock lock = new ReentrantLock();
    private final Map<String, Announcement> announced = new HashMap<>();

    /**
     * An event says that this container or sandbox has ended. There may be two, for the end of the process and for the
     * removal of what is left of it, which containerd 1.6 sends just before it notes the end: each begins with close looks.
     *
     * @param released whether nothing is left of it
     */
    void announce(String id, Instant now, boolean released) {
        lock.lock();
        try {
            if (announced.size() >= CROWDED) {
                announced.values().removeIf(a -> expired(a, now));
            }
            announced.put(id, new Announcement(now, 0, now, released));
        } finally {
            lock.unlock();
        }
    }

    /** Whether the last announcement was a release; once told, it is not told again. */
    boolean takeReleased(String id) {
        lock.lock();
        try {
            Announcement seen = announced.get(id);
            if (seen == null || !seen.released()) {
                return false;
            }
            announced.put(id, new Announcement(seen.at(), seen.looks(), seen.next(), false));
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** A list asked for at {@code now} shows whether it is live; one asked for before the announcement says nothing. */
    void listed(String id, boolean live, Instant now) {
        lock.lock();
        try {
            Announcement seen = announced.get(id);
            if (seen == null) {
                return;
            }
            if (live && now.isBefore(seen.at()) && !expired(seen, now)) {
                return;
            }
            if (!live || expired(seen, now)) {
                announced.remove(id);
            } else {
                Duration delay = LOOKS.delay(seen.looks() + 1);
                announced.put(id, new Announcement(seen.at(), seen.looks() + 1, now.plus(delay), seen.released()));
            }
        } finally {
            lock.unlock();
        }
    }

    /** When to look again at a container or sandbox that was last listed as live. */
    Optional<Instant> lookAgainAt(String id) {
        lock.lock();
        try {
            return Optional.ofNullable(announced.get(id)).map(Announcement::next);
        } finally {
            lock.unlock();
        }
    }

    private static boolean expired(Announcement announcement, Instant now) {
        // far in the future lies only what was announced before the clock was set back
        return Duration.between(announcement.at(), now).abs().compareTo(GIVE_UP) > 0;
    }
}
