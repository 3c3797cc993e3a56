/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.kubeapi;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class WatchRateTest {

    private static final long BEGIN = 1_000_000;

    private final WatchRate rate = new WatchRate(BEGIN);

    private Duration pause(long bytes, int millis) {
        return rate.pause(bytes, BEGIN + millis * 1_000_000L);
    }

    @Test
    void aSecondHasALimitOfEvents() {
        for (int i = 1; i < WatchRate.MAX_EVENTS_PER_SECOND; i++) {
            assertEquals(Duration.ZERO, pause(i, 100));
        }
        assertEquals(Duration.ofMillis(700), pause(0, 300));
        // After the pause the next second begins.
        assertEquals(Duration.ZERO, pause(0, 1000));
    }

    @Test
    void aSecondHasALimitOfBytes() {
        assertEquals(Duration.ZERO, pause(WatchRate.MAX_BYTES_PER_SECOND - 1, 0));
        assertEquals(Duration.ofMillis(500), pause(WatchRate.MAX_BYTES_PER_SECOND, 500));
        assertEquals(Duration.ZERO, pause(2 * WatchRate.MAX_BYTES_PER_SECOND - 1, 1200));
        assertEquals(Duration.ofMillis(800), pause(2 * WatchRate.MAX_BYTES_PER_SECOND, 1200));
    }

    @Test
    void aSlowWatchIsNeverHeldUp() {
        for (int i = 0; i < 2 * WatchRate.MAX_EVENTS_PER_SECOND; i++) {
            assertEquals(Duration.ZERO, pause(i, 100 * i));
        }
    }
}
