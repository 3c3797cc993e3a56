/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.plan;

import io.jubelet.cri.ContainerId;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Thrown when an action fails because of the pod or the node. A runtime that does not answer throws a CriException instead. */
public final class ActionFailedException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final String reason;

    private final transient @Nullable ContainerId ended;

    /**
     * @param reason the kubelet's reason, such as {@link KubeletReasons#CREATE_CONTAINER_ERROR}
     * @param message what failed, for the user
     * @param cause null if no other exception led to this one
     */
    public ActionFailedException(String reason, String message, @Nullable Throwable cause) {
        this(reason, message, cause, null);
    }

    private ActionFailedException(
            String reason, String message, @Nullable Throwable cause, @Nullable ContainerId ended) {
        super(Objects.requireNonNull(message, "message"), cause);
        this.reason = Objects.requireNonNull(reason, "reason");
        this.ended = ended;
    }

    /** The same failure, which has ended this instance: the runtime could not start it. */
    public ActionFailedException ending(ContainerId instance) {
        return new ActionFailedException(
                reason, getMessage(), getCause(), Objects.requireNonNull(instance, "instance"));
    }

    @Override
    public String getMessage() {
        return Objects.requireNonNull(super.getMessage());
    }

    /** The kubelet's reason for the failure. */
    public String reason() {
        return reason;
    }

    /** The instance that this failure has ended; empty if there is none. */
    public Optional<ContainerId> ended() {
        return Optional.ofNullable(ended);
    }
}
