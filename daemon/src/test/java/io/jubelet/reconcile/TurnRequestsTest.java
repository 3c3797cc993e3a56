/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.reconcile;

import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.testing.Eventually;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

class TurnRequestsTest {

    private static final Duration LONG = Duration.ofMinutes(1);
    private static final Duration FOREVER = Duration.ofDays(10_000);
    private static final Duration NONE = Duration.ZERO;

    private final TurnRequests turnRequests = new TurnRequests();

    private void turn(Executable betweenLookAndPlan) throws Throwable {
        turnRequests.observing();
        betweenLookAndPlan.execute();
        turnRequests.planning();
    }

    private void endsSoon(Duration atMost) {
        assertTimeoutPreemptively(LONG, () -> turnRequests.await(atMost));
    }

    @Test
    void aRequestDuringTheLastPlanIsServedNext() throws Throwable {
        turn(() -> {});
        turnRequests.requestPlan();
        endsSoon(FOREVER);
        turn(() -> {});
        turnRequests.requestObservation();
        endsSoon(FOREVER);
    }

    @Test
    void aPlanDoesNotServeARequestToObserve() throws Throwable {
        turn(turnRequests::requestObservation);
        endsSoon(FOREVER);
    }

    @Test
    void aPlanServesEarlierRequestsForPlans() throws Throwable {
        turnRequests.requestObservation();
        turn(turnRequests::requestPlan);
        Thread waiting = Thread.startVirtualThread(() -> {
            try {
                turnRequests.await(FOREVER);
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
            }
        });
        // Who waits has taken the signal that was there, and found that nothing is left to do.
        Eventually.await("the thread to wait", () -> {
            assertTrue(waiting.isAlive(), "it had nothing to wait for");
            return waiting.getState() == Thread.State.TIMED_WAITING;
        });
        turnRequests.requestPlan();
        assertTimeoutPreemptively(LONG, () -> waiting.join());
    }

    @Test
    void endsWhenTheTimeIsOver() throws Throwable {
        turn(() -> {});
        endsSoon(NONE);
        endsSoon(Duration.ofMillis(1));
        endsSoon(Duration.ofMillis(-1));
        turn(turnRequests::requestPlan);
        endsSoon(Duration.ofMillis(1));
    }
}
