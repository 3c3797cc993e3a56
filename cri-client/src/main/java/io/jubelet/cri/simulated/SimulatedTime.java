package io.jubelet.cri.simulated;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/** The time a simulated runtime lives in: what a process that sleeps, a grace period or a slow answer waits for. */
public interface SimulatedTime extends InstantSource {
    /** Runs the task when the time has come; tasks of the same moment in the order they were given. Never blocks. */
    void schedule(Instant at, Runnable task);

    /** Time as it passes outside. */
    static SimulatedTime real() {
        return new RealTime();
    }

    /** Time that stands still until it is {@linkplain ManualTime#advance(Duration) advanced}. */
    static ManualTime manual(Instant start) {
        return new ManualTime(start);
    }
}
