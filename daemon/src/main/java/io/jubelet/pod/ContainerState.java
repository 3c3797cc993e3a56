/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.pod;

import java.time.Instant;
import java.util.Objects;
import java.util.Optional;

/** The state of a container: waiting, running or terminated. */
public sealed interface ContainerState {

    /**
     * Not running yet, or not again yet.
     *
     * @param cause why, for code to decide by
     * @param reason CamelCase word such as {@code ContainerCreating} or {@code CrashLoopBackOff}
     * @param message sentence for people, may be empty
     */
    record Waiting(WaitingCause cause, String reason, String message) implements ContainerState {
        public Waiting {
            Objects.requireNonNull(cause, "cause");
            Objects.requireNonNull(reason, "reason");
            Objects.requireNonNull(message, "message");
        }

        // Written out for the reason given in PodName.

        @Override
        public boolean equals(Object other) {
            return other instanceof Waiting that
                    && cause.equals(that.cause)
                    && reason.equals(that.reason)
                    && message.equals(that.message);
        }

        @Override
        public int hashCode() {
            return 31 * reason.hashCode() + message.hashCode();
        }
    }

    /**
     * Running.
     *
     * @param startedAt empty if the runtime does not know it
     */
    record Running(Optional<Instant> startedAt) implements ContainerState {
        public Running {
            Objects.requireNonNull(startedAt, "startedAt");
        }
    }

    /**
     * Terminated.
     *
     * @param exitCode as the runtime reports it; 128 plus the signal number after a signal
     * @param reason such as {@code Completed}, {@code Error}, {@code OOMKilled}
     * @param message sentence for people, may be empty
     * @param startedAt empty if it never started, or if the runtime does not know it
     * @param finishedAt empty if the runtime does not know it
     * @param containerId with the runtime's scheme
     */
    record Terminated(
            int exitCode,
            String reason,
            String message,
            Optional<Instant> startedAt,
            Optional<Instant> finishedAt,
            String containerId)
            implements ContainerState {
        public Terminated {
            Objects.requireNonNull(reason, "reason");
            Objects.requireNonNull(message, "message");
            Objects.requireNonNull(startedAt, "startedAt");
            Objects.requireNonNull(finishedAt, "finishedAt");
            Objects.requireNonNull(containerId, "containerId");
        }
    }
}
