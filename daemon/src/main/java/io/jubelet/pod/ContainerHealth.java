/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.pod;

import java.time.Duration;
import java.util.Objects;
import java.util.Optional;

/**
 * The results of the probes of one running container.
 *
 * @param started whether its startup probe has succeeded, or it has none
 * @param ready whether it is started and its readiness probe succeeds, or it has none
 * @param failure set when the liveness or startup probe failed, so that the container must be stopped
 */
public record ContainerHealth(boolean started, boolean ready, Optional<Failure> failure) {

    /** The health of a running container without probes. */
    public static final ContainerHealth WITHOUT_PROBES = new ContainerHealth(true, true, Optional.empty());

    public ContainerHealth {
        Objects.requireNonNull(failure, "failure");
    }

    /**
     * A probe whose consecutive failures reached its threshold.
     *
     * @param kind startup or liveness
     * @param message of the last attempt
     * @param gracePeriod of the probe, which replaces the one of the pod
     */
    public record Failure(Probe.Kind kind, String message, Optional<Duration> gracePeriod) {
        public Failure {
            Objects.requireNonNull(kind, "kind");
            Objects.requireNonNull(message, "message");
            Objects.requireNonNull(gracePeriod, "gracePeriod");
        }
    }

    /** The health of a running container before the first result of its probes. */
    public static ContainerHealth unknown(Probes probes) {
        return new ContainerHealth(
                probes.startup().isEmpty(),
                probes.startup().isEmpty() && probes.readiness().isEmpty(),
                Optional.empty());
    }
}
