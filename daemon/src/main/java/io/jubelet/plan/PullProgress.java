/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.plan;

import java.time.Instant;
import java.util.Objects;
import java.util.Optional;

/**
 * The progress of a pull, for the user. Immutable.
 *
 * @param image as in the manifest
 * @param since when the pod began to wait
 * @param begun when the pull started; empty while it waits for other pulls
 * @param doneBytes how much was downloaded; 0 if that is not known
 * @param totalBytes how much has to be downloaded in all; 0 if that is not known
 */
public record PullProgress(String image, Instant since, Optional<Instant> begun, long doneBytes, long totalBytes) {

    public PullProgress {
        Objects.requireNonNull(image, "image");
        Objects.requireNonNull(since, "since");
        Objects.requireNonNull(begun, "begun");
    }
}
