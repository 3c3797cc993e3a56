/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.stats;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Instant;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.Test;

class UsageRatesTest {

    private static final Instant LONG_AGO = Instant.EPOCH;
    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
    private static final long SECOND = 1_000_000_000;

    private final UsageRates rates = new UsageRates();

    /** Adds half a second of processor time for each second since the start. */
    private OptionalLong addHalf(long second) {
        return rates.add("c", START.plusSeconds(second), second * SECOND / 2, LONG_AGO);
    }

    @Test
    void firstMeasurementOfWhatStartedLongAgoGivesNoRate() {
        assertFalse(rates.known("c", START));
        assertEquals(OptionalLong.empty(), addHalf(0));
        assertFalse(rates.known("c", START));
        assertTrue(rates.known("c", START.plusSeconds(1)));
    }

    @Test
    void secondMeasurementGivesTheRateBetweenThem() {
        OptionalLong _ = addHalf(0);

        assertEquals(OptionalLong.of(SECOND / 2), addHalf(1));
    }

    @Test
    void newContainerHasTheRateSinceItsStart() {
        assertEquals(OptionalLong.of(SECOND / 4), rates.add("c", START.plusSeconds(4), SECOND, START));
    }

    @Test
    void rateIsThatOfLate() {
        OptionalLong _ = addHalf(0);
        for (long second = 10; second <= 60; second += 10) {
            assertEquals(OptionalLong.of(SECOND / 2), addHalf(second));
        }
        long busy = 60 * SECOND / 2;
        for (long second = 70; second <= 90; second += 10) {
            busy += 10 * SECOND;
            OptionalLong _ = rates.add("c", START.plusSeconds(second), busy, LONG_AGO);
        }
        assertEquals(OptionalLong.of(SECOND), rates.add("c", START.plusSeconds(95), busy + 5 * SECOND, LONG_AGO));
    }

    @Test
    void requestEveryMinuteGivesARateEachTime() {
        OptionalLong _ = addHalf(0);
        for (long second = 70; second < 1000; second += 70) {
            assertEquals(OptionalLong.of(SECOND / 2), addHalf(second));
        }
    }

    @Test
    void oldMeasurementGivesNoRate() {
        OptionalLong _ = addHalf(0);

        assertFalse(rates.known("c", START.plusSeconds(121)));
        assertEquals(OptionalLong.empty(), addHalf(121));
        assertEquals(OptionalLong.of(SECOND / 2), addHalf(122));
    }

    @Test
    void counterThatBeganAnewGivesNoNegativeRate() {
        OptionalLong _ = addHalf(100);

        assertEquals(OptionalLong.empty(), rates.add("c", START.plusSeconds(110), 1, LONG_AGO));
    }

    @Test
    void forgetsWhatIsGone() {
        OptionalLong _ = addHalf(0);
        rates.retain(Set.of("other"));

        assertFalse(rates.known("c", START.plusSeconds(1)));
    }
}
