/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.pod;

import java.time.Duration;
import java.util.Objects;
import java.util.Optional;

/**
 * When a pod ends by itself, and how long its containers have to stop.
 *
 * @param gracePeriod {@code terminationGracePeriodSeconds}: whole seconds, zero or more
 * @param activeDeadline how long the pod may be active: whole seconds; empty for no limit
 */
public record PodTermination(Duration gracePeriod, Optional<Duration> activeDeadline) {

    public PodTermination {
        Objects.requireNonNull(gracePeriod, "gracePeriod");
        Objects.requireNonNull(activeDeadline, "activeDeadline");
    }
}
