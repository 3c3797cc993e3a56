package io.jubelet.plan;

import java.time.Instant;
import java.util.Objects;
import java.util.Optional;

/**
 * How far a pull is, for people who wait for it.
 *
 * @param image as in the manifest
 * @param since when the pod began to wait
 * @param begun when the pull's turn came; empty while others go first
 * @param doneBytes what has been downloaded; zero when that is not known
 * @param totalBytes what is to be downloaded; zero when that is not known
 */
public record PullProgress(String image, Instant since, Optional<Instant> begun, long doneBytes, long totalBytes) {

    public PullProgress {
        Objects.requireNonNull(image, "image");
        Objects.requireNonNull(since, "since");
        Objects.requireNonNull(begun, "begun");
    }
}
