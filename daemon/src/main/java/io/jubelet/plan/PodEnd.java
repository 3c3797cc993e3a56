/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.plan;

import io.jubelet.pod.PodStatus.Phase;
import java.util.Objects;

/**
 * How a pod has ended for good: no container of it is started again until its manifest changes. Immutable.
 *
 * @param phase Succeeded or Failed
 * @param reason in CamelCase; empty if the states of the containers explain the end
 * @param message for the user; empty if the states of the containers explain the end
 */
public record PodEnd(Phase phase, String reason, String message) {

    /** The pod was active for longer than its deadline; reason and message are the kubelet's. */
    public static final PodEnd DEADLINE = new PodEnd(
            Phase.Failed,
            KubeletReasons.DEADLINE_EXCEEDED,
            "Pod was active on the node longer than the specified deadline");

    /** Every container has completed. */
    static final PodEnd SUCCEEDED = new PodEnd(Phase.Succeeded, "", "");

    /** Some container has failed. */
    static final PodEnd FAILED = new PodEnd(Phase.Failed, "", "");

    public PodEnd {
        Objects.requireNonNull(phase, "phase");
        Objects.requireNonNull(reason, "reason");
        Objects.requireNonNull(message, "message");
    }
}
