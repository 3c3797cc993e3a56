/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.desired;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class ScanBudgetTest {

    private final ScanBudget budget = new ScanBudget();
    private Instant now = Instant.parse("2026-01-01T00:00:00Z");

    private void scan(Duration time) {
        budget.took(now, now.plus(time));
        now = now.plus(time);
    }

    @Test
    void aBurstOfScansDoesNotWaitUpToItsLimit() {
        assertEquals(Duration.ZERO, budget.pause(now));
        scan(Duration.ofMillis(100));
        scan(Duration.ofMillis(200));
        // 300 ms have passed in which 75 were earned
        assertTrue(!budget.pause(now).isPositive());
        scan(Duration.ofMillis(40));
        assertEquals(Duration.ofMillis(20), budget.pause(now), "four times the 5 ms above 250 ms and a quarter of 340");
    }

    @Test
    void scansThatGoOnTakeTheirShareOfTheTime() {
        Instant begin = now;
        Duration scanning = Duration.ZERO;
        for (int i = 0; i < 10_000; i++) {
            Duration pause = budget.pause(now);
            now = pause.isPositive() ? now.plus(pause) : now;
            scan(Duration.ofMillis(30));
            scanning = scanning.plusMillis(30);
        }
        long elapsed = Duration.between(begin, now).toMillis();
        assertEquals(0.25, (double) scanning.toMillis() / elapsed, 0.001);
    }

    @Test
    void aScanAfterAQuietTimeDoesNotWait() {
        scan(Duration.ofSeconds(30));
        assertEquals(Duration.ofSeconds(89), budget.pause(now));
        now = now.plusSeconds(89);
        assertEquals(Duration.ZERO, budget.pause(now));
        now = now.plus(Duration.ofHours(1));
        scan(Duration.ofMillis(250));
        assertTrue(!budget.pause(now).isPositive(), "unused time adds nothing, and takes nothing");
        scan(Duration.ofMillis(84));
        assertEquals(Duration.ofMillis(2), budget.pause(now));
    }
}
