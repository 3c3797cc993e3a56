package io.jubelet.plan;

import java.time.Instant;
import java.util.Objects;

/**
 * How an action on a sandbox or container failed.
 *
 * @param reason the kubelet's word: CreateContainerConfigError, CreateContainerError, RunContainerError,
 *     FailedCreatePodSandBox, ...
 * @param message what happened, for people
 * @param count failures in a row, one or more
 * @param retryAt when it is tried again
 */
public record ActionFailure(String reason, String message, int count, Instant retryAt) {

    public ActionFailure {
        Objects.requireNonNull(reason, "reason");
        Objects.requireNonNull(message, "message");
        Objects.requireNonNull(retryAt, "retryAt");
    }
}
