/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.plan;

import java.time.Instant;
import java.util.Objects;

/**
 * How an action on a sandbox or container failed. Immutable.
 *
 * @param reason the kubelet's, such as {@link KubeletReasons#CREATE_CONTAINER_ERROR}
 * @param message what failed, for the user
 * @param count how many times it failed in a row, at least 1
 * @param retryAt when the action is planned again, by the clock of {@link PlannerInput#now}
 */
public record ActionFailure(String reason, String message, int count, Instant retryAt) {

    public ActionFailure {
        Objects.requireNonNull(reason, "reason");
        Objects.requireNonNull(message, "message");
        Objects.requireNonNull(retryAt, "retryAt");
    }
}
