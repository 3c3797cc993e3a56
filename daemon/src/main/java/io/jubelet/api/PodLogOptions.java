/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.api;

import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Which part of a log to copy, as the PodLogOptions of the Kubernetes API.
 *
 * @param follow whether to continue until the instance has ended
 * @param tailLines at most this many lines, counted from the end of what is there
 * @param timestamps whether each line starts with its time
 * @param sinceTime no older lines than this
 * @param since no lines older than this before now; not together with {@code sinceTime}
 */
public record PodLogOptions(
        boolean follow,
        OptionalLong tailLines,
        boolean timestamps,
        Optional<Instant> sinceTime,
        Optional<Duration> since) {

    public PodLogOptions {
        Objects.requireNonNull(tailLines, "tailLines");
        Objects.requireNonNull(sinceTime, "sinceTime");
        Objects.requireNonNull(since, "since");
    }

    /** The time of the oldest line to copy; empty when there is no limit. */
    public Optional<Instant> oldest(Instant now) {
        return sinceTime.or(() -> since.map(ago -> minus(now, ago)));
    }

    /** No log is older than 1970, and an {@link Instant} has an end as well. */
    private static Instant minus(Instant now, Duration ago) {
        return ago.compareTo(Duration.between(Instant.EPOCH, now)) < 0 ? now.minus(ago) : Instant.EPOCH;
    }
}
