/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.plan;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Thrown when an action fails because of the pod or the node. A runtime that does not answer throws a CriException instead. */
public final class ActionFailedException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final String reason;

    /**
     * @param reason the kubelet's reason, such as {@link KubeletReasons#CREATE_CONTAINER_ERROR}
     * @param message what failed, for the user
     * @param cause null if no other exception led to this one
     */
    public ActionFailedException(String reason, String message, @Nullable Throwable cause) {
        super(Objects.requireNonNull(message, "message"), cause);
        this.reason = Objects.requireNonNull(reason, "reason");
    }

    @Override
    public String getMessage() {
        return Objects.requireNonNull(super.getMessage());
    }

    /** The kubelet's reason for the failure. */
    public String reason() {
        return reason;
    }
}
