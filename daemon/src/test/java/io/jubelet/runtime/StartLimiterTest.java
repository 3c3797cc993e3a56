/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.cri.CriException;
import io.jubelet.testing.Eventually;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class StartLimiterTest {

    private final List<Thread> threads = new ArrayList<>();
    private final List<String> order = Collections.synchronizedList(new ArrayList<>());

    private void start(Runnable work) {
        threads.add(Thread.ofVirtual().start(work));
    }

    private void joinAll() throws InterruptedException {
        for (Thread thread : threads) {
            thread.join();
        }
    }

    private static void awaitParked(Thread thread) {
        Eventually.await("the thread to wait", thread::getState, state -> state == Thread.State.WAITING);
    }

    /** Takes the only slot until the latch is counted down. */
    private CountDownLatch hold(StartLimiter limiter) throws InterruptedException {
        CountDownLatch release = new CountDownLatch(1);
        CountDownLatch holds = new CountDownLatch(1);
        start(() -> limiter.startNew("Hold", () -> {
            holds.countDown();
            await(release);
            return order.add("held");
        }));
        holds.await();
        return release;
    }

    @Test
    void startedPodsAreFinishedBeforeNewOnesAreStarted() throws Exception {
        StartLimiter limiter = new StartLimiter(1);
        CountDownLatch release = hold(limiter);
        for (String name : List.of("new-1", "new-2")) {
            start(() -> limiter.startNew("New", () -> order.add(name)));
            awaitParked(threads.getLast());
        }
        for (String name : List.of("started-1", "started-2")) {
            start(() -> limiter.finish("Finish", () -> order.add(name)));
            awaitParked(threads.getLast());
        }
        release.countDown();
        joinAll();
        assertEquals(List.of("held", "started-1", "started-2", "new-1", "new-2"), order);
    }

    @Test
    void neverMakesMoreCallsAtOnceThanAllowedAndMakesAll() throws Exception {
        StartLimiter limiter = new StartLimiter(3);
        AtomicInteger now = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        for (int i = 0; i < 500; i++) {
            start(() -> {
                limiter.startNew("New", () -> at(now, most));
                limiter.finish("Finish", () -> at(now, most));
            });
        }
        joinAll();
        assertEquals(1000, order.size());
        assertTrue(most.get() <= 3, "at once: " + most);
    }

    @Test
    void anInterruptedThreadLeavesItsTurnToOthers() throws Exception {
        StartLimiter limiter = new StartLimiter(1);
        CountDownLatch release = hold(limiter);
        Thread interrupted = Thread.ofVirtual()
                .start(() -> assertThrows(
                        CriException.Cancelled.class, () -> limiter.finish("Finish", () -> order.add("cancelled"))));
        awaitParked(interrupted);
        start(() -> limiter.startNew("New", () -> order.add("new")));
        awaitParked(threads.getLast());
        interrupted.interrupt();
        interrupted.join();
        release.countDown();
        joinAll();
        assertEquals(List.of("held", "new"), order);
    }

    private boolean at(AtomicInteger now, AtomicInteger most) {
        most.accumulateAndGet(now.incrementAndGet(), Math::max);
        Thread.onSpinWait();
        now.decrementAndGet();
        return order.add("done");
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
