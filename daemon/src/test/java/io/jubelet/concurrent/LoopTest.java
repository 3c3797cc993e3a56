package io.jubelet.concurrent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
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
            assertEquals(1, turns.poll(5, TimeUnit.SECONDS));
            loop.wake();
            assertEquals(1, turns.poll(5, TimeUnit.SECONDS));
        }
    }

    @Test
    void countsFailuresUntilATurnIsGood() throws InterruptedException {
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
            assertTrue(third.await(5, TimeUnit.SECONDS));
            assertEquals(2, loop.failures());
            go.countDown();
            assertTrue(fourth.await(5, TimeUnit.SECONDS));
            assertEquals(0, loop.failures());
        }
    }

    @Test
    void interruptsTheTurnUnderWayWhenClosed() throws InterruptedException {
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
        assertTrue(begun.await(5, TimeUnit.SECONDS));
        loop.close();
        assertTrue(interrupted.await(5, TimeUnit.SECONDS));
    }
}
