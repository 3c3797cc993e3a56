package io.jubelet.e2e;

import static org.junit.jupiter.api.Assertions.fail;

import io.jubelet.cri.CriException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Waits for what other processes do, by looking again and again: they cannot wake us. */
final class Waiting {

    private Waiting() {}

    /** Waits for a condition; fails with {@code details} when it does not come in time, as {@link Moment} counts it. */
    static void await(String what, Duration atMost, BooleanSupplier condition, Supplier<String> details) {
        Moment begin = Moment.now();
        while (!holds(condition)) {
            if (Moment.now().since(begin).compareTo(atMost) > 0) {
                fail("waited " + atMost.toSeconds() + " s for " + what + "; details:\n" + details.get());
            }
            pause(Duration.ofMillis(20));
        }
    }

    /** Checks that a condition holds all the time. */
    static void holdsFor(String what, Duration time, BooleanSupplier condition, Supplier<String> details) {
        long deadline = System.nanoTime() + time.toNanos();
        while (System.nanoTime() < deadline) {
            if (!holds(condition)) {
                fail("did not hold: " + what + "; details:\n" + details.get());
            }
            pause(Duration.ofMillis(20));
        }
    }

    private static boolean holds(BooleanSupplier condition) {
        try {
            return condition.getAsBoolean();
        } catch (CriException.Unavailable | CriException.NotFound e) {
            return false;
        }
    }

    private static void pause(Duration time) {
        try {
            if (new CountDownLatch(1).await(time.toNanos(), TimeUnit.NANOSECONDS)) {
                throw new IllegalStateException("nobody counts down");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
