package io.jubelet.cluster;

import java.time.Duration;
import java.time.Instant;

/** How many events may be sent in a second: so many in the long run, and a burst of more after a quiet time. For one thread. */
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

    /** Takes leave to send one now; else tells how long to wait before asking again. */
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
