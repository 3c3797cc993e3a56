package io.jubelet.plan;

import io.jubelet.pod.ImageError;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;

/** What is known of an image that a pod wants. */
public sealed interface ImageState {

    /** Nobody has asked the runtime yet. */
    record Unknown() implements ImageState {}

    /** It is looked for; whether it has to be pulled will be known soon. */
    Pulling CHECKING = new Pulling(Instant.MIN);

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
     * @param stats how long the pull took; {@code NONE} if the image was found
     */
    record Present(String id, Instant checkedAt, boolean pulled, PullStats stats) implements ImageState {
        public Present {
            Objects.requireNonNull(id, "id");
            Objects.requireNonNull(checkedAt, "checkedAt");
            Objects.requireNonNull(stats, "stats");
        }

        /** Without a word on the effort. */
        public Present(String id, Instant checkedAt, boolean pulled) {
            this(id, checkedAt, pulled, PullStats.NONE);
        }
    }

    /**
     * How long a pull took.
     *
     * @param duration the pull itself
     * @param durationWithWaiting the pull and the time that it waited for other pulls
     * @param bytes the size of the image, as the runtime counts it
     */
    record PullStats(Duration duration, Duration durationWithWaiting, long bytes) {
        public static final PullStats NONE = new PullStats(Duration.ZERO, Duration.ZERO, 0);
    }

    /**
     * It cannot be had for now.
     *
     * @param reason why it is not available
     * @param message what the runtime or registry said
     * @param retryAt when to try again
     */
    record Failed(ImageError reason, String message, Instant retryAt) implements ImageState {
        public Failed {
            Objects.requireNonNull(reason, "reason");
            Objects.requireNonNull(message, "message");
            Objects.requireNonNull(retryAt, "retryAt");
        }
    }
}
