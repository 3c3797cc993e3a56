/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cri.simulated;

import java.util.Objects;

/**
 * A phase of a call to the simulated runtime, for the hook of {@link SimulatedRuntime#onCall}.
 *
 * @param operation the CRI name of the call
 * @param subject the id or name of the object of the call; empty if it has none
 */
public record SimulatedCall(String operation, String subject, Phase phase) {
    public SimulatedCall {
        Objects.requireNonNull(operation, "operation");
        Objects.requireNonNull(subject, "subject");
        Objects.requireNonNull(phase, "phase");
    }

    /** The phases of a call. */
    public enum Phase {
        /** The call has had no effect yet. */
        START,
        /**
         * The call is about to wait for time to pass, for a process to exit, or for its release.
         */
        BLOCKED,
        /**
         * The call has had its effect and has not returned yet. Not reached by a call that fails.
         */
        END
    }
}
