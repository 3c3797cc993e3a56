/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.kubeapi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.testing.Eventually;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** What an outage of the API server is said to be. */
class ReachabilityTest {

    private static KubeApiException problem(String message) {
        return new KubeApiException.Unreachable(message, null);
    }

    @Test
    void onlyTheFirstRequestThatFailsSaysWhy() {
        AtomicInteger changes = new AtomicInteger();
        try (Reachability reachability =
                new Reachability(() -> {}, Duration.ofHours(1), () -> Instant.parse("2026-01-01T12:00:00Z"))) {
            reachability.addListener(changes::incrementAndGet);
            reachability.start();
            Eventually.await("the API server to be reachable", reachability::reachable, reachable -> reachable);
            assertTrue(reachability.markUnreachable(problem("the connection is refused")));
            assertFalse(reachability.markUnreachable(problem("its connection was closed")));
            assertEquals("the connection is refused", reachability.problem());
            assertEquals(2, changes.get());
        }
    }
}
