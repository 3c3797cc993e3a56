package io.jubelet.bench;

import java.time.Duration;
import java.time.Instant;

/** Differences of the times that we and the runtime of the same machine note. */
final class Elapsed {
    private Elapsed() {}

    static double milliseconds(Instant begin, Instant end) {
        return Duration.between(begin, end).toNanos() / 1e6;
    }

    static double seconds(Instant begin, Instant end) {
        return Duration.between(begin, end).toNanos() / 1e9;
    }
}
