/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.plan;

import java.time.Instant;
import java.util.Objects;
import java.util.Optional;

/**
 * A version of a pod that put more into a volume than its spec allows. It is stopped, its volumes are emptied, and after a
 * back-off it starts again, because nothing reschedules a static pod on another node. Immutable.
 *
 * @param message which limit was exceeded, in the kubelet's words
 * @param until when the version may start again, by the clock of {@link PlannerInput#now}; empty until its volumes are emptied
 */
public record Eviction(String message, Optional<Instant> until) {

    public Eviction {
        Objects.requireNonNull(message, "message");
        Objects.requireNonNull(until, "until");
    }
}
