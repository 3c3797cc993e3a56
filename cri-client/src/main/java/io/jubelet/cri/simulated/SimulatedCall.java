package io.jubelet.cri.simulated;

import java.util.Objects;

/**
 * A point in a call to the simulated runtime, told to whom {@link SimulatedRuntime#onCall} names.
 *
 * @param operation the CRI name of the call
 * @param subject the id, or name, of what it is about; empty when it is about nothing in particular
 */
public record SimulatedCall(String operation, String subject, Phase phase) {
    public SimulatedCall {
        Objects.requireNonNull(operation, "operation");
        Objects.requireNonNull(subject, "subject");
        Objects.requireNonNull(phase, "phase");
    }

    /** Where the call is. */
    public enum Phase {
        /** Nothing has happened yet. */
        START,
        /** The call is about to wait for time to pass, for a process to end, or to be released. */
        BLOCKED,
        /** Everything has happened, but the caller does not know yet. Not told for a call that failed. */
        END
    }
}
