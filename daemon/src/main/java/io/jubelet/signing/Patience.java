package io.jubelet.signing;

import java.time.Duration;

/** How long to wait after each of several failures in a row: doubling up to a maximum. For one thread. */
final class Patience {

    private final Duration first;
    private final Duration most;
    private int failures;

    Patience(Duration first, Duration most) {
        this.first = first;
        this.most = most;
    }

    /** After one more. */
    Duration next() {
        Duration pause = first.multipliedBy(1L << Math.min(failures, 16));
        failures++;
        return pause.compareTo(most) < 0 ? pause : most;
    }

    void reset() {
        failures = 0;
    }
}
