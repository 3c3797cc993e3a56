/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.plan;

import java.util.Objects;

/**
 * Why a pod must not be started now. A rejection is not final: its causes may go away. Immutable.
 *
 * @param reason in CamelCase, the kubelet's if it has one, such as {@code NodePorts}
 * @param message what keeps the pod from running, for the user
 */
public record AdmissionRejection(String reason, String message) {

    /** The pods that already run on this node are not all known yet, shortly after the start. */
    public static final AdmissionRejection UNDECIDED = new AdmissionRejection(
            KubeletReasons.CONTAINER_CREATING, "waiting until the pods that already run on this node are known");

    /** The runtime cannot mount images as volumes. The kubelet has no reason for that. */
    public static final String IMAGE_VOLUMES_NOT_SUPPORTED = "ImageVolumesNotSupported";

    public AdmissionRejection {
        Objects.requireNonNull(reason, "reason");
        Objects.requireNonNull(message, "message");
    }

    /** Whether the reason is the network of the node, and not the pod. */
    public boolean isNetwork() {
        return reason.equals(KubeletReasons.NETWORK_NOT_READY);
    }

    /**
     * Whether the kubelet rejects such a pod as well, which ends the pod there. Other pods fail later
     * at the kubelet: at the network, the sandbox or a container.
     */
    public boolean isKubelets() {
        return decided()
                && !isNetwork()
                && !reason.equals(KubeletReasons.FAILED_CREATE_POD_SANDBOX)
                && !reason.equals(IMAGE_VOLUMES_NOT_SUPPORTED);
    }

    /** Whether admission has decided, unlike in {@link #UNDECIDED}. */
    public boolean decided() {
        return this != UNDECIDED;
    }
}
