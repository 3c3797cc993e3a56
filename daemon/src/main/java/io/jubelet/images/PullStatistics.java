/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.images;

import io.jubelet.concurrent.DurationHistogram;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/** Counts pulls, from the start of the daemon on. Safe for use by many threads. */
public final class PullStatistics {

    private final AtomicLong failed = new AtomicLong();
    private final DurationHistogram durations = new DurationHistogram();

    void failed() {
        failed.incrementAndGet();
    }

    void succeeded(Duration took) {
        durations.record(took.toNanos());
    }

    /** How many pulls failed. */
    public long failures() {
        return failed.get();
    }

    /** How long the pulls took that succeeded. */
    public DurationHistogram durations() {
        return durations;
    }
}
