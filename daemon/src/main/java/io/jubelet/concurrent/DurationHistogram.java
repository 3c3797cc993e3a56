/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.concurrent;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;

/**
 * Counts durations in buckets, for metrics. Recording costs some nanoseconds and allocates nothing. Safe for use by many
 * threads.
 */
public final class DurationHistogram {

    /** The upper bounds of the buckets in nanoseconds; those that clients of Prometheus use by default. */
    private static final long[] BOUNDS = {
        5_000_000,
        10_000_000,
        25_000_000,
        50_000_000,
        100_000_000,
        250_000_000,
        500_000_000,
        1_000_000_000,
        2_500_000_000L,
        5_000_000_000L,
        10_000_000_000L
    };

    private final long[] counts = new long[BOUNDS.length + 1];
    private long sum;

    /**
     * The content at one moment.
     *
     * @param bounds the upper bounds of all buckets but the last, which has none, ascending
     * @param counts how many durations each bucket has alone
     * @param sum of all durations
     */
    public record Snapshot(List<Duration> bounds, List<Long> counts, Duration sum) {
        public Snapshot {
            bounds = List.copyOf(bounds);
            counts = List.copyOf(counts);
        }
    }

    /** Adds a duration in nanoseconds. */
    public synchronized void record(long nanos) {
        int bucket = 0;
        while (bucket < BOUNDS.length && nanos > BOUNDS[bucket]) {
            bucket++;
        }
        counts[bucket]++;
        sum += nanos;
    }

    /** The content now. */
    public synchronized Snapshot snapshot() {
        return new Snapshot(
                Arrays.stream(BOUNDS).mapToObj(Duration::ofNanos).toList(),
                Arrays.stream(counts).boxed().toList(),
                Duration.ofNanos(sum));
    }
}
