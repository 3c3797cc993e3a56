/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.images;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class PullRateLimiterTest {

    private static final Instant NOW = Instant.parse("2026-01-01T12:00:00Z");

    @Test
    void someMayComeAtOnceAndTheOthersWaitTheirTurn() {
        PullRateLimiter pace = new PullRateLimiter(5, 3);
        long[] waits = {0, 0, 0, 200, 400, 600};
        for (long wait : waits) {
            assertEquals(Duration.ofMillis(wait), pace.reserve(NOW));
        }
        assertEquals(Duration.ZERO, pace.reserve(NOW.plusSeconds(10)));
    }

    @Test
    void zeroIsNoLimit() {
        PullRateLimiter pace = new PullRateLimiter(0, 1);
        for (int i = 0; i < 100; i++) {
            assertEquals(Duration.ZERO, pace.reserve(NOW));
        }
    }
}
