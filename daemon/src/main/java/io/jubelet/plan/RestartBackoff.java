package io.jubelet.plan;

import io.jubelet.concurrent.Backoff;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;

/**
 * Arithmetic of the crash-loop back-off: nothing, then 10 s doubling to a maximum, reset by a run of more than 10 minutes.
 *
 * <p>The delay that follows an instance is decided when the instance is made and kept with it, so a restarted daemon
 * continues where the old one was. Source: the Kubernetes concept page on the pod life cycle, "container restarts".
 *
 * @param max longest delay, positive; the first delay is no longer than this either
 */
public record RestartBackoff(Duration max) {

    /** The kubelet's maximum. */
    public static final Duration DEFAULT_MAX = Duration.ofSeconds(300);

    private static final Duration FIRST = Duration.ofSeconds(10);
    private static final Duration RESET_AFTER = Duration.ofMinutes(10);

    public RestartBackoff {
        Objects.requireNonNull(max, "max");
        if (!max.isPositive()) {
            throw new IllegalArgumentException("max is " + max + ", not positive");
        }
    }

    /**
     * What to wait after the end of an instance.
     *
     * @param kept the delay that was kept with the instance
     * @param startedAt null when it never ran
     * @param finishedAt when it ended
     */
    public Duration delay(Duration kept, Instant startedAt, Instant finishedAt) {
        boolean ranLong =
                startedAt != null && Duration.between(startedAt, finishedAt).compareTo(RESET_AFTER) > 0;
        if (ranLong) {
            return Duration.ZERO;
        }
        return kept.compareTo(max) < 0 ? kept : max;
    }

    /** The delay to keep with the instance that follows one after which {@code waited} was waited. */
    public Duration following(Duration waited) {
        return new Backoff(FIRST, max).after(waited);
    }
}
