package io.jubelet.cri.simulated;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/** The time a simulated runtime lives in: what a process that sleeps, a grace period or a slow answer waits for. */
public interface SimulatedClock extends InstantSource {
    /** Runs the task when the time has come; tasks of the same moment in the order they were given. Never blocks. */
    void schedule(Instant at, Runnable task);

    /** Time as it passes outside. */
    static SimulatedClock real() {
        return new RealClock();
    }

    /** Time that stands still until it is {@linkplain ManualClock#advance(Duration) advanced}. */
    static ManualClock manual(Instant start) {
        return new ManualClock(start);
    }
}
