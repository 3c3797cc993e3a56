/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.pod;

import java.util.Objects;

/**
 * Why a container does not run although it should. Code decides by this; the reason and the message of
 * {@link ContainerState.Waiting} are for the API and its readers.
 */
public sealed interface WaitingCause permits ImageError, WaitingCause.Pulling, WaitingCause.Other {

    /**
     * An image that the container starts from or mounts is being pulled.
     *
     * @param image as in the spec
     */
    record Pulling(String image) implements WaitingCause {
        public Pulling {
            Objects.requireNonNull(image, "image");
        }

        // Written out for the reason that PodName gives.

        @Override
        public boolean equals(Object other) {
            return other instanceof Pulling that && image.equals(that.image);
        }

        @Override
        public int hashCode() {
            return image.hashCode();
        }
    }

    /** The causes that need no further data. */
    enum Other implements WaitingCause {
        /** The container has not been created yet, and nothing is known to prevent it. */
        CREATING,
        /** Init containers have to complete first. */
        INITIALIZING,
        /** Admission has not decided on the pod yet. */
        ADMISSION_PENDING,
        /** The pod is rejected at admission. */
        REJECTED,
        /** The sandbox of the pod failed to start. */
        SANDBOX_FAILED,
        /** Creating or starting the container failed. */
        START_FAILED,
        /** The container ended and is started again after a back-off. */
        CRASH_LOOP,
        /** Something is missing that the version needs to replace the one that runs. */
        NOT_PREPARED,
        /** The pod exceeded a limit and is evicted. */
        EVICTED,
        /** The runtime does not know the state of the container. */
        STATE_UNKNOWN
    }

    /** Whether nothing has gone wrong with the container itself: it only has not been created yet. */
    default boolean beforeCreation() {
        return this instanceof Pulling
                || this == Other.CREATING
                || this == Other.INITIALIZING
                || this == Other.ADMISSION_PENDING
                || this == Other.SANDBOX_FAILED;
    }
}
