/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.observed;

import io.jubelet.concurrent.NodeClock;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;

/** Whether the daemon is healthy, judged by when the runtime last answered a relist. Safe for use by many threads. */
public final class RuntimeHealth {

    /** The kubelet considers its PLEG unhealthy after the same time. */
    private static final Duration MAX_SILENCE = Duration.ofMinutes(3);

    private final String endpoint;
    private final Supplier<Optional<Instant>> lastAnswer;
    private final NodeClock clock;

    /**
     * @param endpoint of the runtime, for messages
     * @param lastAnswer when, by the steady clock, it last answered a relist; empty before it did
     */
    public RuntimeHealth(String endpoint, Supplier<Optional<Instant>> lastAnswer, NodeClock clock) {
        this.endpoint = Objects.requireNonNull(endpoint, "endpoint");
        this.lastAnswer = Objects.requireNonNull(lastAnswer, "lastAnswer");
        this.clock = Objects.requireNonNull(clock, "clock");
    }

    /** What is wrong; empty when nothing is. A runtime that has not started yet is not a fault of the daemon. */
    public Optional<String> trouble() {
        Instant oldest = clock.steady().minus(MAX_SILENCE);
        return lastAnswer
                .get()
                .filter(oldest::isAfter)
                .map(last -> "the runtime has not answered since " + clock.wallTime(last));
    }

    /** Why pods cannot be expected to run; empty when they can. */
    public Optional<String> notReady() {
        return lastAnswer.get().isEmpty()
                ? Optional.of("the runtime at " + endpoint + " has not answered yet")
                : trouble();
    }
}
