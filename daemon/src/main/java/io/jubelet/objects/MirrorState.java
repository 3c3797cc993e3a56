package io.jubelet.objects;

import java.time.Instant;
import java.util.Objects;
import java.util.Optional;

/** How a static pod is shown in the cluster, which is never a matter of the pod itself. */
public sealed interface MirrorState {

    /** It is. */
    public record Created(String uid) implements MirrorState {
        public Created {
            Objects.requireNonNull(uid, "uid");
        }
    }

    /** It is not for now, and nobody has refused it. */
    record Pending(String message) implements MirrorState {
        public Pending {
            Objects.requireNonNull(message, "message");
        }
    }

    /**
     * The API server has refused it, or its status.
     *
     * @param message of the API server
     * @param retryAt when it is tried again; empty when that is not a matter of time
     */
    record Rejected(String message, Optional<Instant> retryAt) implements MirrorState {
        public Rejected {
            Objects.requireNonNull(message, "message");
            Objects.requireNonNull(retryAt, "retryAt");
        }
    }
}
