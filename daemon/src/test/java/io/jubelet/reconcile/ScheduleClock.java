/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.reconcile;

import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * The wall clock of the node of a schedule, and what goes wrong with it: it is set, the runtime has another one, or the runtime
 * does not know when something happened.
 */
final class ScheduleClock {

    private static final List<Duration> STEPS = List.of(
            Duration.ofSeconds(-2),
            Duration.ofMinutes(-5),
            Duration.ofHours(-1),
            Duration.ofDays(-20_000), // before 1970
            Duration.ofSeconds(2),
            Duration.ofMinutes(5),
            Duration.ofHours(1),
            Duration.ofDays(365));

    private final ScheduleWorld world;
    private Duration ahead = Duration.ZERO;

    ScheduleClock(ScheduleWorld world) {
        this.world = world;
    }

    Instant wallTime() {
        return world.time.instant().plus(ahead);
    }

    /** One fault. */
    void fault() {
        Duration step = STEPS.get(world.random.nextInt(STEPS.size()));
        switch (world.random.nextInt(4)) {
            case 0, 1 -> {
                ahead = ahead.plus(step);
                world.runtime.timestamps().set(step);
                world.note("the clock is set by " + step);
            }
            case 2 -> {
                world.runtime.timestamps().set(step);
                world.note("the clock of the runtime alone is set by " + step);
            }
            default -> {
                int times = 1 + world.random.nextInt(4);
                world.runtime.timestamps().omitNext(times);
                world.note("the next " + times + " times of the runtime are unknown");
            }
        }
    }
}
