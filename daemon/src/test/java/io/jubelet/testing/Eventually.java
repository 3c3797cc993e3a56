/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.testing;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.opentest4j.AssertionFailedError;

/**
 * Waits in a test until a condition holds that another thread or process brings about and does not signal. The condition is
 * checked on the calling thread, at first every millisecond, then less often. When the time limit is exceeded, the test fails
 * with the value that was seen last. An interrupt of the calling thread ends the wait with an {@link AssertionFailedError} and
 * leaves the thread interrupted.
 *
 * <p>Time limits are counted by {@link StallAdjustedTime}. Instances are immutable.
 */
public final class Eventually {

    /** The time limit unless {@link #within} sets another. Only a failing test waits that long. */
    public static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(60);

    private static final Duration FIRST_INTERVAL = Duration.ofMillis(1);
    private static final Duration LAST_INTERVAL = Duration.ofMillis(20);

    /**
     * Computes a value, or fails.
     *
     * @param <T> what is computed
     * @param <E> the checked exception it throws; {@link RuntimeException} if there is none
     */
    @FunctionalInterface
    public interface Check<T, E extends Exception> {
        T get() throws E;
    }

    private final Duration timeout;
    private final Duration firstInterval;
    private final Duration lastInterval;
    private final List<Class<? extends Exception>> retried;
    private final Supplier<String> details;

    private Eventually(
            Duration timeout,
            Duration firstInterval,
            Duration lastInterval,
            List<Class<? extends Exception>> retried,
            Supplier<String> details) {
        this.timeout = timeout;
        this.firstInterval = firstInterval;
        this.lastInterval = lastInterval;
        this.retried = retried;
        this.details = details;
    }

    /**
     * Waits at most {@link #DEFAULT_TIMEOUT} until a condition holds.
     *
     * @param what what is waited for, for the message of the failure: "the reader to block"
     */
    public static <E extends Exception> void await(String what, Check<Boolean, E> condition) throws E {
        within(DEFAULT_TIMEOUT).until(what, condition);
    }

    /** Waits at most {@link #DEFAULT_TIMEOUT} until a value is accepted, and returns it. */
    public static <T, E extends Exception> T await(String what, Check<T, E> value, Predicate<? super T> accepted)
            throws E {
        return within(DEFAULT_TIMEOUT).until(what, value, accepted);
    }

    /** A wait with this time limit. */
    public static Eventually within(Duration timeout) {
        return new Eventually(timeout, FIRST_INTERVAL, LAST_INTERVAL, List.of(), () -> "");
    }

    /** The same wait, which checks once in an interval. */
    public Eventually every(Duration interval) {
        return new Eventually(timeout, interval, interval, retried, details);
    }

    /**
     * The same wait, for which a check that throws this exception, or a subclass, has not succeeded yet. Called again, it adds
     * another exception.
     */
    public Eventually retrying(Class<? extends Exception> exception) {
        List<Class<? extends Exception>> all = new ArrayList<>(retried);
        all.add(exception);
        return new Eventually(timeout, firstInterval, lastInterval, List.copyOf(all), details);
    }

    /** The same wait, whose failure also reports these details. They are computed when it fails. */
    public Eventually details(Supplier<String> reported) {
        return new Eventually(timeout, firstInterval, lastInterval, retried, reported);
    }

    /** Waits until a condition holds. */
    public <E extends Exception> void until(String what, Check<Boolean, E> condition) throws E {
        until(what, condition, held -> held);
    }

    /** Waits until a value is accepted, and returns it. */
    public <T, E extends Exception> T until(String what, Check<T, E> value, Predicate<? super T> accepted) throws E {
        StallAdjustedTime begin = StallAdjustedTime.now();
        Duration interval = firstInterval;
        while (true) {
            Object seen;
            Exception thrown = null;
            try {
                T current = value.get();
                if (accepted.test(current)) {
                    return current;
                }
                seen = current;
            } catch (Exception e) {
                if (retried.stream().noneMatch(type -> type.isInstance(e))) {
                    throw e;
                }
                seen = e;
                thrown = e;
            }
            if (StallAdjustedTime.now().since(begin).compareTo(timeout) > 0) {
                throw new AssertionFailedError(failure(what, seen), thrown);
            }
            pause(what, interval);
            interval = interval.multipliedBy(2).compareTo(lastInterval) < 0 ? interval.multipliedBy(2) : lastInterval;
        }
    }

    private String failure(String what, Object seen) {
        String message = "waited " + seconds(timeout) + " s for " + what;
        // The false of a condition says nothing that the failure itself does not say.
        String last = seen instanceof Boolean ? "" : "; the last value was: " + seen;
        String more = details.get();
        return message + last + (more.isEmpty() ? "" : "; details:\n" + more);
    }

    private static String seconds(Duration time) {
        return time.toMillisPart() == 0 ? Long.toString(time.toSeconds()) : Double.toString(time.toMillis() / 1e3);
    }

    static void pause(String what, Duration interval) {
        LockSupport.parkNanos(interval.toNanos());
        if (Thread.currentThread().isInterrupted()) {
            throw new AssertionFailedError("interrupted while waiting for " + what);
        }
    }
}
