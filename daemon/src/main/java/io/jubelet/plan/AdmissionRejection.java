package io.jubelet.plan;

import java.util.Objects;

/**
 * Why a pod may not be started now.
 *
 * @param reason the kubelet's word, such as {@code NodePorts}
 * @param message a sentence for people
 */
public record AdmissionRejection(String reason, String message) {

    /** The kubelet's word for a pod that waits for a network. */
    public static final String NETWORK = "NetworkNotReady";

    /** While it is not known yet what runs here already. */
    public static final AdmissionRejection UNDECIDED =
            new AdmissionRejection("ContainerCreating", "it is still found out what runs on this node");

    public AdmissionRejection {
        Objects.requireNonNull(reason, "reason");
        Objects.requireNonNull(message, "message");
    }

    /** Whether it is about the network alone, and not about the pod. */
    public boolean isNetwork() {
        return reason.equals(NETWORK);
    }

    /** Whether there is something to tell. */
    public boolean decided() {
        return this != UNDECIDED;
    }
}
