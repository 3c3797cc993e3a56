package io.jubelet.concurrent;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

class CancellationTokenTest {

    private final CancellationToken mandate = new CancellationToken();

    /** Work that ends when it is interrupted, and not before. */
    private static BackgroundTask endless(CountDownLatch begun) {
        return Threads.beside("endless", () -> {
            begun.countDown();
            try {
                new CountDownLatch(1).await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
    }

    @Test
    void withdrawingItEndsTheWorkThatIsWaitedFor() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        BackgroundTask work = endless(begun);
        Threads.startVirtual("withdraws", () -> {
            try {
                begun.await();
                mandate.withdraw();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        mandate.awaitEnd(work);
        assertTrue(mandate.withdrawn());
    }

    @Test
    void workThatIsBegunAfterItWasWithdrawnEndsAtOnce() throws Exception {
        mandate.withdraw();
        mandate.awaitEnd(endless(new CountDownLatch(1)));
        assertTrue(mandate.withdrawn());
    }

    @Test
    void withdrawingItConcernsNothingThatIsNotWaitedForAnyMore() throws Exception {
        mandate.awaitEnd(Threads.beside("short", () -> {}));
        assertFalse(mandate.withdrawn());
        BackgroundTask later = endless(new CountDownLatch(1));
        mandate.withdraw();
        assertFalse(later.awaitEnd(Duration.ofMillis(50)));
        later.interrupt();
        later.awaitEnd();
    }
}
