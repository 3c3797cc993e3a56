/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.mirror;

import io.jubelet.concurrent.Backoff;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;

/**
 * An attempt that failed, or has had no effect yet. Immutable.
 *
 * @param attempt the key of the attempt
 * @param reason one word, the same for failures of one cause
 * @param message the message for users; empty when there is nothing to report
 * @param count how often it was made in a row
 * @param nextTry when it is made again
 * @param notBefore when another attempt can be made, because the API server asked for a delay
 */
record MirrorFailure(
        String attempt, String reason, Optional<String> message, int count, Instant nextTry, Instant notBefore) {

    /** The reason of an attempt without a response. */
    static final String NO_RESPONSE = "Lost";

    private static final String INVALID = "422Invalid";

    private static final Backoff BACKOFF = new Backoff(Duration.ofSeconds(1), Duration.ofSeconds(60));
    /**
     * Shorter, because an unstable API server can lose several attempts before it becomes stable.
     */
    private static final Backoff BACKOFF_LOST = new Backoff(Duration.ofSeconds(1), Duration.ofSeconds(3));

    MirrorFailure {
        Objects.requireNonNull(attempt, "attempt");
        Objects.requireNonNull(reason, "reason");
        Objects.requireNonNull(message, "message");
        Objects.requireNonNull(nextTry, "nextTry");
        Objects.requireNonNull(notBefore, "notBefore");
    }

    /** Creates a failure that does not delay other attempts. */
    MirrorFailure(String attempt, String reason, Optional<String> message, int count, Instant nextTry) {
        this(attempt, reason, message, count, nextTry, Instant.MIN);
    }

    /**
     * Returns the failure after one more failed attempt; {@code before} counts if it was the same
     * attempt.
     *
     * @param atLeast the delay that the API server asked for
     */
    static MirrorFailure after(
            Optional<MirrorFailure> before,
            String attempt,
            String reason,
            Optional<String> message,
            Duration atLeast,
            Instant now) {
        int count = before.filter(failure -> failure.attempt.equals(attempt))
                        .map(MirrorFailure::count)
                        .orElse(0)
                + 1;
        Duration delay = (reason.equals(NO_RESPONSE) ? BACKOFF_LOST : BACKOFF).delay(count);
        delay = delay.compareTo(atLeast) < 0 ? atLeast : delay;
        return new MirrorFailure(attempt, reason, message, count, now.plus(delay), now.plus(atLeast));
    }

    /** Returns this with another time of the next attempt. */
    MirrorFailure retriedAt(Instant now) {
        return new MirrorFailure(attempt, reason, message, count, now);
    }

    /** Returns whether the API server rejected a status of a mirror pod as invalid. */
    boolean isInvalidStatusOf(String uid) {
        return reason.equals(INVALID) && attempt.startsWith(MirrorAction.PatchStatus.attempt(uid));
    }

    /** Returns until when an attempt has to wait; a time in the past if it need not. */
    Instant waitUntil(String other) {
        return attempt.equals(other) ? nextTry : notBefore;
    }
}
