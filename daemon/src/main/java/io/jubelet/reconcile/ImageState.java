package io.jubelet.reconcile;

import java.time.Instant;
import java.util.Objects;

/** What is known of an image that a pod wants. */
public sealed interface ImageState {

    /** Nobody has asked the runtime yet. */
    record Unknown() implements ImageState {}

    /** It is looked for; whether it has to be pulled will be known soon. */
    Pulling LOOKING = new Pulling(Instant.MIN);

    /** A pull is under way, or about to begin. */
    record Pulling(Instant since) implements ImageState {
        public Pulling {
            Objects.requireNonNull(since, "since");
        }
    }

    /**
     * It is there.
     *
     * @param id the runtime's reference, given to CreateContainer
     * @param checkedAt when it was found or pulled
     * @param pulled whether it was pulled at {@code checkedAt}, not merely found
     */
    record Present(String id, Instant checkedAt, boolean pulled) implements ImageState {
        public Present {
            Objects.requireNonNull(id, "id");
            Objects.requireNonNull(checkedAt, "checkedAt");
        }
    }

    /**
     * It cannot be had for now.
     *
     * @param reason the kubelet's word: ErrImagePull, ImagePullBackOff, ErrImageNeverPull, InvalidImageName, ...
     * @param message what the runtime or registry said
     * @param retryAt when to try again
     */
    record Failed(String reason, String message, Instant retryAt) implements ImageState {
        public Failed {
            Objects.requireNonNull(reason, "reason");
            Objects.requireNonNull(message, "message");
            Objects.requireNonNull(retryAt, "retryAt");
        }
    }
}
