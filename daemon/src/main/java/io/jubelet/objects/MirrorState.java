package io.jubelet.objects;

import java.time.Instant;
import java.util.Objects;
import java.util.Optional;

/** How a static pod is shown in the cluster, which is never a matter of the pod itself. */
public sealed interface MirrorState {

    /** It is. */
    public record Kept(String uid) implements MirrorState {
        public Kept {
            Objects.requireNonNull(uid, "uid");
        }
    }

    /** It is not for now, and nobody has refused it. */
    record Waiting(String why) implements MirrorState {
        public Waiting {
            Objects.requireNonNull(why, "why");
        }
    }

    /**
     * The API server has refused it, or its status.
     *
     * @param message of the API server
     * @param retryAt when it is tried again; empty when that is not a matter of time
     */
    record Refused(String message, Optional<Instant> retryAt) implements MirrorState {
        public Refused {
            Objects.requireNonNull(message, "message");
            Objects.requireNonNull(retryAt, "retryAt");
        }
    }
}
