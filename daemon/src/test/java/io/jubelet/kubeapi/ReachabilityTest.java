/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.kubeapi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.concurrent.Backoff;
import io.jubelet.testing.Eventually;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** What an outage of the API server is said to be, and how soon it is asked again. */
class ReachabilityTest {

    private final AtomicReference<Instant> now = new AtomicReference<>(Instant.parse("2026-01-01T12:00:00Z"));
    private final AtomicInteger checks = new AtomicInteger();

    private static KubeApiException problem(String message) {
        return new KubeApiException.Unreachable(message, null);
    }

    private Reachability reachable() {
        Reachability reachability = new Reachability(checks::incrementAndGet, Duration.ofHours(1), now::get);
        reachability.start();
        awaitReachable(reachability);
        return reachability;
    }

    private static void awaitReachable(Reachability reachability) {
        Eventually.await("the API server to be reachable", reachability::reachable, reachable -> reachable);
    }

    private void pass(Duration time) {
        now.updateAndGet(before -> before.plus(time));
    }

    @Test
    void onlyTheFirstRequestThatFailsSaysWhy() {
        AtomicInteger changes = new AtomicInteger();
        try (Reachability reachability = reachable()) {
            reachability.addListener(changes::incrementAndGet);
            assertTrue(reachability.markUnreachable(problem("the connection is refused")));
            assertFalse(reachability.markUnreachable(problem("its connection was closed")));
            assertEquals("the connection is refused", reachability.problem());
            assertEquals(1, changes.get());
        }
    }

    /** Loses the API server right after it was reachable; returns after which of these pauses it is checked again. */
    private Duration pauseAfter(Reachability reachability, KubeApiException problem) {
        int before = checks.get();
        assertTrue(reachability.markUnreachable(problem));
        Duration passed = Duration.ZERO;
        Duration step = Duration.ofMillis(100);
        while (reachability.untilNextCheck().isPositive()) {
            assertEquals(before, checks.get());
            pass(step);
            passed = passed.plus(step);
        }
        reachability.check();
        awaitReachable(reachability);
        assertTrue(checks.get() > before);
        return passed;
    }

    private static void assertPause(Duration longest, Duration measured) {
        Duration shortest = longest.multipliedBy(4).dividedBy(5);
        assertTrue(
                measured.compareTo(shortest) >= 0 && measured.compareTo(longest.plusMillis(100)) <= 0,
                () -> measured + " is not between " + shortest + " and " + longest);
    }

    @Test
    void anApiServerThatIsReadyButSendsJunkIsAskedAfterGrowingPauses() {
        KubeApiException junk = KubeApiException.Unreachable.badResponse("the response is not a Kubernetes object");
        try (Reachability reachability = reachable()) {
            for (int relapse = 1; relapse <= 10; relapse++) {
                assertPause(Reachability.BAD_RESPONSE_PAUSE.delay(relapse), pauseAfter(reachability, junk));
            }
            assertEquals(Duration.ofMinutes(1), Reachability.BAD_RESPONSE_PAUSE.delay(10));
            pass(Reachability.STABLE_TIME);
            assertEquals(Duration.ZERO, pauseAfter(reachability, junk));
        }
    }

    @Test
    void connectionsThatBreakAgainAndAgainMakeShorterPauses() {
        Backoff pauses = Reachability.LOST_CONNECTION_PAUSE;
        try (Reachability reachability = reachable()) {
            for (int relapse = 1; relapse <= 5; relapse++) {
                assertPause(pauses.delay(relapse), pauseAfter(reachability, problem("connection reset")));
            }
            assertEquals(Duration.ofSeconds(4), pauses.delay(5));
        }
    }

    @Test
    void newCredentialsEndThePause() {
        try (Reachability reachability = reachable()) {
            assertTrue(reachability.markUnreachable(KubeApiException.Unreachable.badResponse("junk")));
            assertTrue(reachability.untilNextCheck().isPositive());
            reachability.checkNow();
            awaitReachable(reachability);
        }
    }
}
