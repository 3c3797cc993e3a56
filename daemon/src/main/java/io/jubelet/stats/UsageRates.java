/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.stats;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * Rates of processor time, from measurements of different requests. Nothing is measured between requests, so the first
 * request has to measure twice.
 *
 * <p>Not safe for use by several threads.
 */
final class UsageRates {

    /** Rates over less time than this are noise. */
    static final Duration SHORTEST = Duration.ofMillis(900);
    /** After this time a rate starts at a newer measurement. */
    private static final Duration WINDOW = Duration.ofSeconds(10);
    /** A rate over more time than this is not that of late. */
    private static final Duration LONGEST = Duration.ofMinutes(2);

    private static final long NANOS = 1_000_000_000;

    private record Sample(Instant at, long nanos) {

        boolean starts(Instant now, long later) {
            Duration age = Duration.between(at, now);
            return nanos <= later && age.compareTo(SHORTEST) >= 0 && age.compareTo(LONGEST) <= 0;
        }
    }

    /** Two measurements at least a window apart, or twice the first. */
    private record Samples(Sample older, Sample newer) {

        /** The one that a rate starts at. */
        Optional<Sample> start(Instant now, long nanos) {
            if (older.starts(now, nanos)) {
                return Optional.of(older);
            }
            return newer.starts(now, nanos) ? Optional.of(newer) : Optional.empty();
        }

        Samples with(Sample now) {
            return Duration.between(newer.at(), now.at()).compareTo(WINDOW) >= 0 ? new Samples(newer, now) : this;
        }
    }

    private final Map<String, Samples> measured = new HashMap<>();

    /** Whether there is a measurement that a rate can start at. */
    boolean known(String key, Instant now) {
        Samples before = measured.get(key);
        return before != null && before.start(now, Long.MAX_VALUE).isPresent();
    }

    /**
     * Adds a measurement.
     *
     * @param started when the counter was zero
     * @return the rate of late in billionths of a core; empty if this is the first measurement of what started long ago
     */
    OptionalLong add(String key, Instant now, long nanos, Instant started) {
        Sample sample = new Sample(now, nanos);
        Samples before = measured.get(key);
        // What started a moment ago needs no older measurement.
        Optional<Sample> start = before == null
                ? Optional.of(new Sample(started, 0)).filter(zero -> zero.starts(now, nanos))
                : before.start(now, nanos);
        boolean follows = before != null
                && before.newer().nanos() <= nanos
                && !before.newer().at().isAfter(now);
        measured.put(key, before != null && follows ? before.with(sample) : new Samples(sample, sample));
        return start.isEmpty()
                ? OptionalLong.empty()
                : OptionalLong.of(rate(
                        nanos - start.get().nanos(),
                        Duration.between(start.get().at(), now)));
    }

    private static long rate(long nanos, Duration time) {
        return Math.round((double) nanos * NANOS / time.toNanos());
    }

    /** Forgets all but these. */
    void retain(Set<String> keys) {
        measured.keySet().retainAll(keys);
    }
}
