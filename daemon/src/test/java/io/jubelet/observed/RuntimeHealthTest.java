/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.observed;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.jubelet.concurrent.NodeClock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class RuntimeHealthTest {

    private static final Instant NOW = Instant.parse("2026-01-01T10:00:00Z");

    private final AtomicReference<Optional<Instant>> lastAnswer = new AtomicReference<>(Optional.empty());
    private final RuntimeHealth health =
            new RuntimeHealth("unix:///run/c.sock", lastAnswer::get, NodeClock.neverSet(() -> NOW));

    @Test
    void aRuntimeThatNeverAnsweredIsNoFaultButKeepsThePodsFromRunning() {
        assertEquals(Optional.empty(), health.trouble());
        assertEquals(Optional.of("the runtime at unix:///run/c.sock has not answered yet"), health.notReady());
    }

    @Test
    void aSilenceOfMoreThanThreeMinutesIsAFault() {
        lastAnswer.set(Optional.of(NOW.minus(Duration.ofMinutes(3))));
        assertEquals(Optional.empty(), health.trouble());
        assertEquals(Optional.empty(), health.notReady());
        lastAnswer.set(Optional.of(NOW.minus(Duration.ofMinutes(3)).minusMillis(1)));
        Optional<String> trouble = Optional.of("the runtime has not answered since 2026-01-01T09:56:59.999Z");
        assertEquals(trouble, health.trouble());
        assertEquals(trouble, health.notReady());
    }
}
