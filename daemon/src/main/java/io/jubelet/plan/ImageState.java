/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.plan;

import io.jubelet.pod.ImageError;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;

/** The state of an image that a pod needs, as far as it is known. Its times are of the clock of {@link PlannerInput#now}. Immutable. */
public sealed interface ImageState {

    /** The runtime was not queried yet. */
    record Unknown() implements ImageState {}

    /** The runtime is being queried; whether the image must be pulled is known soon. */
    Pulling CHECKING = new Pulling(Instant.MIN);

    /**
     * A pull is in progress, or waits for its turn.
     *
     * @param since when the pod began to wait for it
     */
    record Pulling(Instant since) implements ImageState {
        public Pulling {
            Objects.requireNonNull(since, "since");
        }
    }

    /**
     * The image is present.
     *
     * @param id the runtime's reference, for CreateContainer
     * @param checkedAt when it was found or pulled
     * @param pulled whether it was pulled at {@code checkedAt} instead of found
     * @param stats how long the pull took; {@code NONE} if the image was found
     */
    record Present(String id, Instant checkedAt, boolean pulled, PullStats stats) implements ImageState {
        public Present {
            Objects.requireNonNull(id, "id");
            Objects.requireNonNull(checkedAt, "checkedAt");
            Objects.requireNonNull(stats, "stats");
        }

        /** An image without pull statistics. */
        public Present(String id, Instant checkedAt, boolean pulled) {
            this(id, checkedAt, pulled, PullStats.NONE);
        }
    }

    /**
     * How long a pull took.
     *
     * @param duration the pull itself
     * @param durationWithWaiting the pull and the time that it waited for other pulls
     * @param bytes size of the image by the runtime
     */
    record PullStats(Duration duration, Duration durationWithWaiting, long bytes) {
        public static final PullStats NONE = new PullStats(Duration.ZERO, Duration.ZERO, 0);
    }

    /**
     * The image is not available for now.
     *
     * @param reason why it is not available
     * @param message the error of the runtime or registry
     * @param retryAt when to check or pull again
     */
    record Failed(ImageError reason, String message, Instant retryAt) implements ImageState {
        public Failed {
            Objects.requireNonNull(reason, "reason");
            Objects.requireNonNull(message, "message");
            Objects.requireNonNull(retryAt, "retryAt");
        }
    }
}
