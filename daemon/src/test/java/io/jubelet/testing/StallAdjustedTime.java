/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * A point in time of a clock that does not count the time in which a task of this machine waited for a processor. What the
 * daemon promises in seconds it promises on a machine with a free processor, but tests run beside other tests, and beside
 * runtimes and clusters of their own.
 *
 * @param nanos the value of {@link System#nanoTime}
 * @param stalled how long, until then, at least one task has waited for a processor, in nanoseconds, from the kernel's pressure
 *     stall information; 0 if the kernel has none
 */
public record StallAdjustedTime(long nanos, long stalled) {

    private static final Path PRESSURE = Path.of("/proc/pressure/cpu");

    /** However busy the machine is, a second of this clock takes at most so many seconds. */
    private static final int SLOWEST = 4;

    public static StallAdjustedTime now() {
        return new StallAdjustedTime(System.nanoTime(), stalledUntilNow());
    }

    private static long stalledUntilNow() {
        try {
            String some = Files.readString(PRESSURE).lines().findFirst().orElse("");
            return TimeUnit.MICROSECONDS.toNanos(Long.parseLong(some.substring(some.lastIndexOf('=') + 1)));
        } catch (IOException | NumberFormatException _) {
            return 0; // The kernel has no such information; the time is that of the wall clock.
        }
    }

    /** The time that has passed since an earlier point in time. */
    public Duration since(StallAdjustedTime earlier) {
        long passed = nanos - earlier.nanos;
        return Duration.ofNanos(Math.max(passed - (stalled - earlier.stalled), passed / SLOWEST));
    }
}
