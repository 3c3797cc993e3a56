/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.concurrent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class NodeClockTest {

    private static final Instant START = Instant.parse("2026-01-01T12:00:00Z");

    private Instant wall = START;
    private final NodeClock clock = new NodeClock(() -> wall, () -> START);

    @Test
    void settingTheWallClockLeavesTheSteadyOneAlone() {
        wall = START.minusSeconds(3600);
        assertEquals(START, clock.steady());
        assertEquals(wall, clock.instant());
    }

    @Test
    void aMomentIsShownAsTheWallClockIsNow() {
        wall = START.minusSeconds(3600);
        assertEquals(wall.plusSeconds(5), clock.wallTime(START.plusSeconds(5)));
    }

    @Test
    void nothingIsYoungerThanNothing() {
        assertEquals(Duration.ofSeconds(7), clock.age(START.minusSeconds(7)));
        assertEquals(Duration.ZERO, clock.age(START.plusSeconds(7)));
    }

    @Test
    void theSteadyClockOfTheMachineRunsForward() {
        NodeClock system = NodeClock.system();
        Instant before = system.steady();
        assertFalse(system.steady().isBefore(before));
        assertFalse(Duration.between(before, system.instant()).abs().compareTo(Duration.ofMinutes(1)) > 0);
    }
}
