/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.reconcile;

import io.jubelet.concurrent.Wakeup;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Requests for another turn of a worker. A worker makes several plans in one turn and reads its inputs for each of them, so a
 * request for a plan does not need another turn if a plan follows in the current one. A request to observe the runtime does,
 * because a worker observes it only at the beginning of a turn.
 *
 * <p>Any thread may make requests; the other methods are for the worker.
 */
final class TurnRequests {

    private final Wakeup wakeup = new Wakeup();
    private final AtomicLong observationRequests = new AtomicLong();
    private final AtomicLong planRequests = new AtomicLong();
    private long observed;
    private long planned;

    /** Requests a turn because something may have changed on the runtime. */
    void requestObservation() {
        observationRequests.incrementAndGet();
        wakeup.signal();
    }

    /** Requests a plan because one of its inputs changed. */
    void requestPlan() {
        planRequests.incrementAndGet();
        wakeup.signal();
    }

    /** Notes that the worker begins to observe; a later request needs another turn. */
    void observing() {
        observed = observationRequests.get();
    }

    /** Notes that the worker begins to read the inputs of a plan; a later request needs another plan. */
    void planning() {
        planned = planRequests.get();
    }

    /** Waits for a request that is not served yet, but no longer than {@code atMost}. */
    void await(Duration atMost) throws InterruptedException {
        long begin = System.nanoTime();
        boolean signalled;
        do {
            signalled = wakeup.awaitFor(atMost.minusNanos(System.nanoTime() - begin));
        } while (signalled && observed == observationRequests.get() && planned == planRequests.get());
    }
}
