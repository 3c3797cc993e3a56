/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cluster;

import java.time.Duration;
import java.time.Instant;

/**
 * Limits the rate of events: a burst after a quiet time, and then a number per second. For one
 * thread.
 */
final class EventRateLimiter {

    private final int perSecond;
    private final int burst;
    private double left;
    private Instant counted = Instant.MIN;

    EventRateLimiter(ClusterSettings.EventLimits limits) {
        this.perSecond = limits.perSecond();
        this.burst = Math.max(1, limits.burst());
        this.left = this.burst;
    }

    /**
     * Reserves the right to send an event. Returns zero, or how long to wait before the next call.
     */
    Duration reserve(Instant now) {
        if (perSecond == 0) {
            return Duration.ZERO;
        }
        if (counted.isBefore(now)) {
            double since = counted.equals(Instant.MIN)
                    ? burst
                    : Duration.between(counted, now).toMillis() / 1000.0;
            left = Math.min(burst, left + since * perSecond);
            counted = now;
        }
        if (left >= 1) {
            left--;
            return Duration.ZERO;
        }
        return Duration.ofMillis((long) Math.ceil((1 - left) * 1000 / perSecond));
    }
}
