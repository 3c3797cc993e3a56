/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.images;

import io.jubelet.credentials.ImagePullSecrets;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A pull that is running or queued, and the requests that wait for it. Guarded by the lock of
 * {@link ImageTracker}.
 */
final class Pull {

    /**
     * Requests with equal keys share a pull.
     *
     * @param reference the complete reference, with tag or digest
     * @param secrets the Secrets of the pod
     */
    record Key(String reference, ImagePullSecrets secrets) {}

    private final Key key;
    private final Set<ImageRequest> waiting = new LinkedHashSet<>();
    private Optional<Thread> thread = Optional.empty();
    private boolean cancelled;

    /** Null while the pull is queued. */
    private @Nullable Instant startedAt;

    Pull(Key key) {
        this.key = key;
    }

    Key key() {
        return key;
    }

    Set<ImageRequest> waiting() {
        return waiting;
    }

    /** Makes the calling thread the one that runs this; returns false when it was cancelled. */
    boolean start() {
        thread = Optional.of(Thread.currentThread());
        return !cancelled;
    }

    /** Cancels this, because no request waits for it any more. */
    void cancel() {
        cancelled = true;
        thread.ifPresent(Thread::interrupt);
    }

    void started(Instant now) {
        startedAt = now;
    }

    /** Returns when it started; empty while it is queued. */
    Optional<Instant> startedAt() {
        return Optional.ofNullable(startedAt);
    }
}
