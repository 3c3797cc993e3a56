/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.testing;

import java.time.Duration;
import java.util.function.Supplier;
import org.opentest4j.AssertionFailedError;

/** Checks in a test that a condition holds all the time, where nothing would signal that it does not. */
public final class Consistently {

    private static final Duration INTERVAL = Duration.ofMillis(20);

    private Consistently() {}

    /**
     * Checks a condition again and again; fails when it does not hold once.
     *
     * @param time how long, by {@link System#nanoTime}
     * @param details reported by the failure, and computed when it fails
     */
    public static <E extends Exception> void holds(
            String what, Duration time, Eventually.Check<Boolean, E> condition, Supplier<String> details) throws E {
        long begin = System.nanoTime();
        while (System.nanoTime() - begin < time.toNanos()) {
            if (!condition.get()) {
                throw new AssertionFailedError("did not hold: " + what + "; details:\n" + details.get());
            }
            Eventually.pause(what, INTERVAL);
        }
    }
}
