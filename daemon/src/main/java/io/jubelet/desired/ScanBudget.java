/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.desired;

import java.time.Duration;
import java.time.Instant;

/**
 * How much time scans of the manifest directory may take. Each event asks for a scan of everything, and a program that writes
 * into the directory all the time, such as one that keeps its log there, would occupy a processor. Has no clock; not
 * thread-safe.
 */
final class ScanBudget {

    /** Scans that go on forever take one of so many parts of the time. */
    static final int SHARE = 4;

    /** What scans may take at once, so that no ordinary edit waits. A scan of 110 files takes less than a millisecond. */
    static final Duration BURST = Duration.ofMillis(250);

    /** When the time that scans took would be made up for; in the past if nothing is to be made up for. */
    private Instant evenAt = Instant.MIN;

    /** Takes note of a scan. */
    void took(Instant begin, Instant end) {
        Instant from = evenAt.isBefore(begin) ? begin : evenAt;
        evenAt = from.plus(Duration.between(begin, end).multipliedBy(SHARE));
    }

    /** How long the next scan has to wait; zero or less if it may begin. */
    Duration pause(Instant now) {
        return evenAt.equals(Instant.MIN)
                ? Duration.ZERO
                : Duration.between(now, evenAt).minus(BURST.multipliedBy(SHARE));
    }
}
