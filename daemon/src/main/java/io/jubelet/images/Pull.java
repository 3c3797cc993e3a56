package io.jubelet.images;

import io.jubelet.credentials.ImagePullSecrets;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;

/** A pull that goes on, or waits for its turn, and who waits for it. Guarded by the lock of its {@link ImagePuller}. */
final class Pull {

    /**
     * Whoever asks for the same in the same way shares a pull.
     *
     * @param reference complete, with tag or digest
     * @param secrets what only some pods may use
     */
    record Key(String reference, ImagePullSecrets secrets) {}

    private final Key key;
    private final Set<ImageRequest> waiting = new LinkedHashSet<>();
    private Optional<Thread> thread = Optional.empty();
    private boolean cancelled;

    /** When its turn came; null before. */
    private Instant startedAt;

    Pull(Key key) {
        this.key = key;
    }

    Key key() {
        return key;
    }

    Set<ImageRequest> waiting() {
        return waiting;
    }

    /** Its work begins on the calling thread; returns whether anybody still waits for it. */
    boolean start() {
        thread = Optional.of(Thread.currentThread());
        return !cancelled;
    }

    /** Nobody waits for it any more. */
    void cancel() {
        cancelled = true;
        thread.ifPresent(Thread::interrupt);
    }

    void started(Instant now) {
        startedAt = now;
    }

    /** When its turn came; empty while others are pulled first. */
    Optional<Instant> startedAt() {
        return Optional.ofNullable(startedAt);
    }
}
