/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.plan;

import io.jubelet.cri.ContainerId;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;

/**
 * How an action on a sandbox or container failed. Immutable.
 *
 * @param reason the kubelet's, such as {@link KubeletReasons#CREATE_CONTAINER_ERROR}
 * @param message what failed, for the user
 * @param count how many times it failed in a row, at least 1
 * @param retryAt when the action is planned again, by the clock of {@link PlannerInput#now}
 * @param ended the last instance that ended because the runtime could not start it; empty if none did
 */
public record ActionFailure(String reason, String message, int count, Instant retryAt, Optional<ContainerId> ended) {

    public ActionFailure {
        Objects.requireNonNull(reason, "reason");
        Objects.requireNonNull(message, "message");
        Objects.requireNonNull(retryAt, "retryAt");
        Objects.requireNonNull(ended, "ended");
    }

    /** A failure that ended no instance. */
    public ActionFailure(String reason, String message, int count, Instant retryAt) {
        this(reason, message, count, retryAt, Optional.empty());
    }
}
