package io.jubelet.mirror;

import io.jubelet.concurrent.Backoff;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;

/**
 * An attempt that failed, or has had no effect yet.
 *
 * @param attempt which attempt
 * @param reason one word, equal for failures of one cause
 * @param message for people; empty when there is nothing to tell
 * @param count how often it was made in a row
 * @param nextTry when it is made again
 * @param notBefore when another attempt may be made, for the API server wants to be left alone
 */
record MirrorFailure(String attempt, String reason, String message, int count, Instant nextTry, Instant notBefore) {

    /** The reason of what was not answered. */
    static final String NO_RESPONSE = "Lost";

    private static final String INVALID = "422Invalid";

    private static final Backoff BACKOFF = new Backoff(Duration.ofSeconds(1), Duration.ofSeconds(60));
    /** An API server that comes and goes may end a request each time it goes, and is soon right when it has come to stay. */
    private static final Backoff BACKOFF_LOST = new Backoff(Duration.ofSeconds(1), Duration.ofSeconds(3));

    MirrorFailure {
        Objects.requireNonNull(attempt, "attempt");
        Objects.requireNonNull(reason, "reason");
        Objects.requireNonNull(message, "message");
        Objects.requireNonNull(nextTry, "nextTry");
        Objects.requireNonNull(notBefore, "notBefore");
    }

    /** Trouble that holds up no other attempt. */
    MirrorFailure(String attempt, String reason, String message, int count, Instant nextTry) {
        this(attempt, reason, message, count, nextTry, Instant.MIN);
    }

    /**
     * The trouble after one more failure; {@code before} counts when it is about the same.
     *
     * @param atLeast how long the API server wants to be left alone
     */
    static MirrorFailure after(
            Optional<MirrorFailure> before,
            String attempt,
            String reason,
            String message,
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

    /** The same, to be tried again now. */
    MirrorFailure retriedAt(Instant now) {
        return new MirrorFailure(attempt, reason, message, count, now);
    }

    /** Whether the API server does not let a mirror have its status. */
    boolean isInvalidStatusOf(String uid) {
        return reason.equals(INVALID) && attempt.startsWith(MirrorAction.PatchStatus.attempt(uid));
    }

    /** Until when an attempt has to wait; in the past when it need not. */
    Instant waitUntil(String other) {
        return attempt.equals(other) ? nextTry : notBefore;
    }
}
