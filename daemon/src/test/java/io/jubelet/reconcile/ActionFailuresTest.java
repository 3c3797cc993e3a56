/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.reconcile;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.jubelet.cri.ContainerId;
import io.jubelet.plan.ActionFailedException;
import io.jubelet.plan.ActionFailure;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ActionFailuresTest {

    private static final Instant NOW = Instant.parse("2026-01-01T12:00:00Z");

    private final ActionFailures failures = new ActionFailures();

    private ActionFailure last() {
        return failures.all().get("app");
    }

    @Test
    void theInstanceThatAStartEndedStaysKnownUntilAnotherEndsOrOneStarts() {
        ActionFailedException start = new ActionFailedException("RunContainerError", "no such file", null);
        failures.add("app", start.ending(new ContainerId("first")), NOW);
        assertEquals(Optional.of(new ContainerId("first")), last().ended());
        failures.add("app", new ActionFailedException("CreateContainerError", "no such mount", null), NOW);
        assertEquals("CreateContainerError", last().reason());
        assertEquals(2, last().count());
        assertEquals(Optional.of(new ContainerId("first")), last().ended());
        failures.add("app", start.ending(new ContainerId("second")), NOW);
        assertEquals(Optional.of(new ContainerId("second")), last().ended());
        failures.remove("app");
        failures.add("app", start, NOW);
        assertEquals(Optional.empty(), last().ended());
    }
}
