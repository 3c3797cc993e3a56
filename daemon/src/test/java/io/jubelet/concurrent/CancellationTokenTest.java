/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.concurrent;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

class CancellationTokenTest {

    private final CancellationToken cancellation = new CancellationToken();

    /** Work that ends when it is interrupted, and not before. */
    private static BackgroundTask endless(CountDownLatch begun) {
        return Threads.startTask("endless", () -> {
            begun.countDown();
            try {
                new CountDownLatch(1).await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
    }

    @Test
    void cancelInterruptsTheTaskThatIsAwaited() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        BackgroundTask work = endless(begun);
        Threads.startVirtual("withdraws", () -> {
            try {
                begun.await();
                cancellation.cancel();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        cancellation.awaitEnd(work);
        assertTrue(cancellation.cancelled());
    }

    @Test
    void aTaskAwaitedAfterCancelIsInterruptedAtOnce() throws Exception {
        cancellation.cancel();
        cancellation.awaitEnd(endless(new CountDownLatch(1)));
        assertTrue(cancellation.cancelled());
    }

    @Test
    void cancelDoesNotInterruptATaskThatIsNoLongerAwaited() throws Exception {
        cancellation.awaitEnd(Threads.startTask("short", () -> {}));
        assertFalse(cancellation.cancelled());
        BackgroundTask later = endless(new CountDownLatch(1));
        cancellation.cancel();
        assertFalse(later.awaitEnd(Duration.ofMillis(50)));
        later.interrupt();
        later.awaitEnd();
    }
}
