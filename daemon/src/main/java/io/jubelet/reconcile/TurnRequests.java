package io.jubelet.reconcile;

import io.jubelet.concurrent.Wakeup;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What asks a worker for another turn. A worker in the middle of one plans several times, and takes in with each plan what
 * is new by then: for that alone no other turn is needed. What may have changed on the runtime takes a look, with which each
 * turn begins.
 *
 * <p>Any thread may ask; the rest is the worker's.
 */
final class TurnRequests {

    private final Wakeup wakeup = new Wakeup();
    private final AtomicLong looks = new AtomicLong();
    private final AtomicLong plans = new AtomicLong();
    private long looked;
    private long planned;

    /** Something may have changed on the runtime. */
    void requestObservation() {
        looks.incrementAndGet();
        wakeup.signal();
    }

    /** Something changed that is taken in with each plan. */
    void requestPlan() {
        plans.incrementAndGet();
        wakeup.signal();
    }

    /** The worker begins to look; what is asked for from now on may come too late for that. */
    void observing() {
        looked = looks.get();
    }

    /** The worker begins to take in what it plans with. */
    void planning() {
        planned = plans.get();
    }

    /** Waits until something is asked for that is not done yet, but no longer than this. */
    void await(Duration atMost) throws InterruptedException {
        long begin = System.nanoTime();
        boolean asked;
        do {
            asked = wakeup.awaitFor(atMost.minusNanos(System.nanoTime() - begin));
        } while (asked && looked == looks.get() && planned == plans.get());
    }
}
