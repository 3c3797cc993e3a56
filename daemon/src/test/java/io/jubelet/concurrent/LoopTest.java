/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.concurrent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.testing.Eventually;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class LoopTest {

    private static final Duration LONG = Duration.ofHours(1);
    private static final Duration SHORT = Duration.ofMillis(1);

    @Test
    void takesATurnAtOnceAndAnotherWhenWoken() throws InterruptedException {
        LinkedBlockingQueue<Integer> turns = new LinkedBlockingQueue<>();
        try (Loop loop = Loop.start("test", SHORT, SHORT, () -> {
            turns.add(1);
            return LONG;
        })) {
            assertEquals(1, turns.poll(60, TimeUnit.SECONDS));
            loop.wake();
            assertEquals(1, turns.poll(60, TimeUnit.SECONDS));
        }
    }

    @Test
    void countsFailuresUntilATurnSucceeds() throws InterruptedException {
        AtomicInteger turns = new AtomicInteger();
        CountDownLatch third = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        CountDownLatch fourth = new CountDownLatch(1);
        try (Loop loop = Loop.start("test", SHORT, SHORT, () -> {
            switch (turns.incrementAndGet()) {
                case 3 -> {
                    third.countDown();
                    go.await();
                }
                case 4 -> {
                    fourth.countDown();
                    return LONG;
                }
                default -> throw new IllegalStateException("turn fails");
            }
            return Duration.ZERO;
        })) {
            assertTrue(third.await(60, TimeUnit.SECONDS));
            assertEquals(2, loop.failures());
            go.countDown();
            assertTrue(fourth.await(60, TimeUnit.SECONDS));
            assertEquals(0, loop.failures());
        }
    }

    /** What a turn meets that may not be asked again for a while. */
    private static final class Busy extends RuntimeException implements Loop.Deferral {
        private static final long serialVersionUID = 1L;
        private final transient Duration wait;

        Busy(Duration wait) {
            this.wait = wait;
        }

        @Override
        public Optional<Duration> retryAfter() {
            return Optional.of(wait);
        }
    }

    @Test
    void aDeferredTurnIgnoresWakeUps() throws InterruptedException {
        LinkedBlockingQueue<Long> turns = new LinkedBlockingQueue<>();
        Duration wait = Duration.ofMillis(300);
        try (Loop loop = Loop.start("test", SHORT, SHORT, () -> {
            turns.add(System.nanoTime());
            throw new Busy(wait);
        })) {
            long last = take(turns);
            for (int i = 0; i < 3; i++) {
                Eventually.await("the next turn", () -> {
                    loop.wake();
                    return !turns.isEmpty();
                });
                long next = take(turns);
                assertTrue(next - last >= wait.toNanos(), "after " + (next - last) + " ns");
                last = next;
            }
        }
    }

    @Test
    void retryNowEndsADeferral() throws InterruptedException {
        LinkedBlockingQueue<Long> turns = new LinkedBlockingQueue<>();
        try (Loop loop = Loop.start("test", SHORT, SHORT, () -> {
            turns.add(System.nanoTime());
            throw new Busy(LONG);
        })) {
            take(turns);
            loop.wake();
            assertNull(turns.poll(100, TimeUnit.MILLISECONDS));
            loop.retryNow();
            take(turns);
            // For once only.
            assertNull(turns.poll(100, TimeUnit.MILLISECONDS));
            loop.retryNow();
            take(turns);
        }
    }

    @Test
    void closeEndsADeferralAtOnce() throws InterruptedException {
        AtomicReference<Thread> thread = new AtomicReference<>();
        CountDownLatch begun = new CountDownLatch(1);
        Loop loop = Loop.start("test", SHORT, SHORT, () -> {
            thread.set(Thread.currentThread());
            begun.countDown();
            throw new Busy(LONG);
        });
        assertTrue(begun.await(60, TimeUnit.SECONDS));
        loop.close();
        assertTrue(thread.get().join(Duration.ofSeconds(60)));
    }

    private static long take(LinkedBlockingQueue<Long> turns) throws InterruptedException {
        Long turn = turns.poll(60, TimeUnit.SECONDS);
        assertNotNull(turn, "no turn");
        return turn;
    }

    @Test
    void closeInterruptsTheCurrentTurn() throws InterruptedException {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch interrupted = new CountDownLatch(1);
        Loop loop = Loop.start("test", SHORT, SHORT, () -> {
            begun.countDown();
            try {
                new CountDownLatch(1).await();
            } finally {
                interrupted.countDown();
            }
            return LONG;
        });
        assertTrue(begun.await(60, TimeUnit.SECONDS));
        loop.close();
        assertTrue(interrupted.await(60, TimeUnit.SECONDS));
    }
}
