/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.plan;

import io.jubelet.concurrent.Backoff;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Calculates the crash-loop back-off: no delay, then 10 s, doubled up to a maximum, and reset by a run of more than 10
 * minutes. Pure.
 *
 * <p>The delay after an instance is calculated when the instance is created and stored with it, so that a restarted daemon
 * continues where the last one was. Source: the Kubernetes concept page on the pod life cycle, "container restarts".
 *
 * @param max longest delay, positive; it bounds the first delay, too
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
     * Returns the delay after the end of an instance.
     *
     * @param stored the delay that was stored with the instance
     * @param ran how long it ran; null if it never ran, or if that is not known
     */
    public Duration delay(Duration stored, @Nullable Duration ran) {
        if (ran != null && ran.compareTo(RESET_AFTER) > 0) {
            return Duration.ZERO;
        }
        return stored.compareTo(max) < 0 ? stored : max;
    }

    /** Returns the delay to store with an instance that starts after a delay of {@code waited}. */
    public Duration following(Duration waited) {
        return new Backoff(FIRST, max).after(waited);
    }
}
