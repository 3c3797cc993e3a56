/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.bench;

import java.time.Duration;
import java.time.Instant;

/** Durations between times of the benchmark and of the runtime, which are on the same machine. */
final class Elapsed {
    private Elapsed() {}

    static double milliseconds(Instant begin, Instant end) {
        return Duration.between(begin, end).toNanos() / 1e6;
    }

    static double seconds(Instant begin, Instant end) {
        return Duration.between(begin, end).toNanos() / 1e9;
    }
}
