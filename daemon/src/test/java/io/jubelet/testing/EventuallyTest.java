/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.opentest4j.AssertionFailedError;

final class EventuallyTest {

    private static final Eventually SHORT = Eventually.within(Duration.ofMillis(5));

    private final AtomicInteger checks = new AtomicInteger();

    @Test
    void returnsTheFirstValueThatIsAccepted() {
        assertEquals(3, Eventually.await("the third check", checks::incrementAndGet, n -> n == 3));
        assertEquals(3, checks.get());
    }

    @Test
    void failsWithTheLastValueWhenTheTimeIsOver() {
        AssertionFailedError failed = assertThrows(
                AssertionFailedError.class,
                () -> SHORT.details(() -> "a log").until("nothing", checks::incrementAndGet, n -> n < 0));
        assertEquals(
                "waited 0.005 s for nothing; the last value was: " + checks + "; details:\na log", failed.getMessage());
        assertTrue(checks.get() > 1);
    }

    @Test
    void reportsNoValueOfACondition() {
        AssertionFailedError failed =
                assertThrows(AssertionFailedError.class, () -> SHORT.until("nothing", () -> false));
        assertEquals("waited 0.005 s for nothing", failed.getMessage());
    }

    @Test
    void throwsTheExceptionOfACheck() {
        IOException problem = new IOException("broken");
        assertSame(
                problem,
                assertThrows(
                        IOException.class,
                        () -> SHORT.retrying(IllegalStateException.class).until("nothing", () -> {
                            throw problem;
                        })));
    }

    @Test
    void checksAgainAfterAnExceptionThatIsRetried() throws IOException {
        Eventually retrying = SHORT.retrying(IOException.class);
        Eventually.within(Duration.ofSeconds(60)).retrying(IOException.class).until("the second check", () -> {
            if (checks.incrementAndGet() < 2) {
                throw new IOException("too early");
            }
            return true;
        });
        AssertionFailedError failed = assertThrows(
                AssertionFailedError.class,
                () -> retrying.until("nothing", () -> {
                    throw new IOException("broken");
                }));
        assertEquals(
                "waited 0.005 s for nothing; the last value was: java.io.IOException: broken", failed.getMessage());
        assertTrue(failed.getCause() instanceof IOException);
    }

    @Test
    void endsWhenTheThreadIsInterrupted() {
        Thread.currentThread().interrupt();
        assertThrows(AssertionFailedError.class, () -> Eventually.await("nothing", () -> false));
        assertTrue(Thread.interrupted());
    }

    @Test
    void holdsOnlyWhenItHoldsAllTheTime() {
        Duration time = Duration.ofMillis(50);
        Consistently.holds("a check", time, () -> checks.incrementAndGet() > 0, () -> "");
        assertTrue(checks.get() > 0);
        AssertionFailedError failed = assertThrows(
                AssertionFailedError.class,
                () -> Consistently.holds(
                        "few checks", Duration.ofSeconds(60), () -> checks.incrementAndGet() < 5, () -> "a log"));
        assertEquals("did not hold: few checks; details:\na log", failed.getMessage());
    }

    @Test
    void countsNoTimeInWhichATaskWaitedForAProcessor() {
        StallAdjustedTime begin = new StallAdjustedTime(1_000, 500);
        assertEquals(Duration.ofNanos(600), new StallAdjustedTime(2_000, 900).since(begin));
        assertEquals(Duration.ofNanos(250), new StallAdjustedTime(2_000, 1_500).since(begin));
    }
}
