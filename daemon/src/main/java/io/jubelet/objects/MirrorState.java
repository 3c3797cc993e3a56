/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.objects;

import java.time.Instant;
import java.util.Objects;
import java.util.Optional;

/** The state of the mirror pod of a static pod. It never affects the static pod itself. */
public sealed interface MirrorState {

    /** The mirror pod exists, with this UID. */
    public record Created(String uid) implements MirrorState {
        public Created {
            Objects.requireNonNull(uid, "uid");
        }
    }

    /** The mirror pod does not exist yet, and the API server has not rejected it. */
    record Pending(String message) implements MirrorState {
        public Pending {
            Objects.requireNonNull(message, "message");
        }
    }

    /**
     * The API server rejected the mirror pod or its status.
     *
     * @param message of the API server
     * @param retryAt when the request is retried; empty if no time is set
     */
    record Rejected(String message, Optional<Instant> retryAt) implements MirrorState {
        public Rejected {
            Objects.requireNonNull(message, "message");
            Objects.requireNonNull(retryAt, "retryAt");
        }
    }
}
