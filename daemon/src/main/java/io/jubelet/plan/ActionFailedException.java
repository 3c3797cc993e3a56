package io.jubelet.plan;

import java.util.Objects;

/** An action failed for a reason that lies in the pod or the node; the runtime itself answers. */
public final class ActionFailedException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final String reason;

    /**
     * @param reason the kubelet's word for it, such as {@code CreateContainerError}
     * @param message a sentence for people
     * @param cause may be null
     */
    public ActionFailedException(String reason, String message, Throwable cause) {
        super(Objects.requireNonNull(message, "message"), cause);
        this.reason = Objects.requireNonNull(reason, "reason");
    }

    /** The kubelet's word for the failure. */
    public String reason() {
        return reason;
    }
}
