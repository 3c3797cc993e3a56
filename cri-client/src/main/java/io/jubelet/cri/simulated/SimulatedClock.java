/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cri.simulated;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/**
 * The clock of a simulated runtime, which times sleeping processes, grace periods and slow
 * responses.
 */
public interface SimulatedClock extends InstantSource {
    /**
     * Runs the task at the given time; tasks with the same time run in the order of their
     * scheduling. Does not block.
     */
    void schedule(Instant at, Runnable task);

    /** Returns a clock of real time. */
    static SimulatedClock real() {
        return new RealClock();
    }

    /**
     * Returns a clock that stands still until it is
     * {@linkplain ManualClock#advance(Duration) advanced}.
     */
    static ManualClock manual(Instant start) {
        return new ManualClock(start);
    }
}
