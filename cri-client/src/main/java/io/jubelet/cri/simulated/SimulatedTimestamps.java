/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cri.simulated;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;

/**
 * The clock that the times of sandboxes and containers are taken from. Like the wall clock of a node, and unlike the
 * {@link SimulatedClock} that processes and deadlines run by, it can be set, differ from that of others, and be unknown: a
 * runtime that ends while it creates a sandbox shows none. Thread-safe.
 */
public final class SimulatedTimestamps implements InstantSource {
    private final SimulatedClock clock;
    private Duration ahead = Duration.ZERO;
    private int unknown;

    SimulatedTimestamps(SimulatedClock clock) {
        this.clock = clock;
    }

    /** Sets the clock forward or, if the duration is negative, back. */
    public synchronized void set(Duration by) {
        ahead = ahead.plus(by);
    }

    /** Makes the next times unknown that the runtime takes. */
    public synchronized void omitNext(int count) {
        unknown = count;
    }

    /** The time that the clock shows. */
    @Override
    public synchronized Instant instant() {
        return clock.instant().plus(ahead);
    }

    /** The time of something that happens now; null if it stays unknown. */
    synchronized @Nullable Instant taken() {
        if (unknown > 0) {
            unknown--;
            return null;
        }
        return instant();
    }
}
