/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.pod;

import java.util.Objects;
import java.util.Optional;

/** The probes of one container. */
public record Probes(Optional<Probe> startup, Optional<Probe> liveness, Optional<Probe> readiness) {

    /** No probes. */
    public static final Probes NONE = new Probes(Optional.empty(), Optional.empty(), Optional.empty());

    public Probes {
        Objects.requireNonNull(startup, "startup");
        Objects.requireNonNull(liveness, "liveness");
        Objects.requireNonNull(readiness, "readiness");
    }

    /** Whether the container has a probe. */
    public boolean any() {
        return startup.isPresent() || liveness.isPresent() || readiness.isPresent();
    }

    /** The probe of a kind. */
    public Optional<Probe> of(Probe.Kind kind) {
        return switch (kind) {
            case STARTUP -> startup;
            case LIVENESS -> liveness;
            case READINESS -> readiness;
        };
    }
}
