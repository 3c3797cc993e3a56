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

    private final boolean mount;

    private final transient @Nullable ContainerId ended;

    /**
     * @param reason the kubelet's reason, such as {@link KubeletReasons#CREATE_CONTAINER_ERROR}
     * @param message what failed, for the user
     * @param cause null if no other exception led to this one
     */
    public ActionFailedException(String reason, String message, @Nullable Throwable cause) {
        this(reason, message, cause, false, null);
    }

    /** A failure to set up a volume, for which the container waits. */
    public static ActionFailedException ofMount(String message, @Nullable Throwable cause) {
        return new ActionFailedException(KubeletReasons.CREATE_CONTAINER_CONFIG_ERROR, message, cause, true, null);
    }

    private ActionFailedException(
            String reason, String message, @Nullable Throwable cause, boolean mount, @Nullable ContainerId ended) {
        super(Objects.requireNonNull(message, "message"), cause);
        this.reason = Objects.requireNonNull(reason, "reason");
        this.mount = mount;
        this.ended = ended;
    }

    /** The same failure, which has ended this instance: the runtime could not start it. */
    public ActionFailedException ending(ContainerId instance) {
        return new ActionFailedException(
                reason, getMessage(), getCause(), mount, Objects.requireNonNull(instance, "instance"));
    }

    @Override
    public String getMessage() {
        return Objects.requireNonNull(super.getMessage());
    }

    /** The kubelet's reason for the failure. */
    public String reason() {
        return reason;
    }

    /** Whether a volume could not be set up, which the kubelet reports by an event of the pod. */
    public boolean isMount() {
        return mount;
    }

    /** The instance that this failure has ended; empty if there is none. */
    public Optional<ContainerId> ended() {
        return Optional.ofNullable(ended);
    }
}
