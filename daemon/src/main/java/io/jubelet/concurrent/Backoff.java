/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.concurrent;

import java.time.Duration;
import java.util.Objects;

/**
 * Delays after failures in a row: the first delay, then twice the one before, up to a maximum. Pure and immutable; any
 * thread may use it.
 *
 * @param first delay after the first failure, positive
 * @param max longest delay, positive; it bounds the first delay, too
 */
public record Backoff(Duration first, Duration max) {

    public Backoff {
        Objects.requireNonNull(first, "first");
        Objects.requireNonNull(max, "max");
        if (!first.isPositive() || !max.isPositive()) {
            throw new IllegalArgumentException("first is " + first + " and max is " + max + "; both must be positive");
        }
    }

    /**
     * Returns the delay that follows a failure.
     *
     * @param failures how many failures there were in a row, this one included; at least 1
     */
    public Duration delay(int failures) {
        if (failures < 1) {
            throw new IllegalArgumentException("failures is " + failures + ", less than 1");
        }
        Duration delay = after(Duration.ZERO);
        for (int n = 1; n < failures && delay.compareTo(max) < 0; n++) {
            delay = after(delay);
        }
        return delay;
    }

    /**
     * Returns the delay that follows another one.
     *
     * @param previous the delay after the failure before, not negative; zero if there was none
     */
    public Duration after(Duration previous) {
        if (previous.isZero()) {
            return first.compareTo(max) < 0 ? first : max;
        }
        // Compared with what is left instead of doubled and compared, because doubling might overflow.
        return previous.compareTo(max.minus(previous)) < 0 ? previous.plus(previous) : max;
    }
}
