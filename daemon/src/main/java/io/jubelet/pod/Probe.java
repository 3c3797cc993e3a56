/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.pod;

import java.time.Duration;
import java.util.Objects;
import java.util.Optional;

/**
 * How the health of a container is checked.
 *
 * @param handler any but {@link Handler.Sleep}
 * @param initialDelay delay after the start of the container, whole seconds
 * @param timeout of one attempt, whole seconds, at least one
 * @param period from one attempt to the next, whole seconds, at least one
 * @param successThreshold consecutive successes after which the container is healthy, at least one
 * @param failureThreshold consecutive failures after which the container is unhealthy, at least one
 * @param terminationGracePeriod replaces the grace period of the pod when a failure of this probe
 *     stops the container
 */
public record Probe(
        Handler handler,
        Duration initialDelay,
        Duration timeout,
        Duration period,
        int successThreshold,
        int failureThreshold,
        Optional<Duration> terminationGracePeriod) {

    public Probe {
        Objects.requireNonNull(handler, "handler");
        Objects.requireNonNull(initialDelay, "initialDelay");
        Objects.requireNonNull(timeout, "timeout");
        Objects.requireNonNull(period, "period");
        Objects.requireNonNull(terminationGracePeriod, "terminationGracePeriod");
    }

    /** Which of a container's probes. */
    public enum Kind {
        STARTUP,
        LIVENESS,
        READINESS
    }
}
