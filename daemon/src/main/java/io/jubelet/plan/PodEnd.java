package io.jubelet.plan;

import io.jubelet.pod.PodStatus.Phase;
import java.util.Objects;

/**
 * How a pod has ended for good: nothing of it is started again until its manifest changes.
 *
 * @param phase Succeeded or Failed
 * @param reason CamelCase word, empty when the containers tell it all
 * @param message sentence, empty when the containers tell it all
 */
public record PodEnd(Phase phase, String reason, String message) {

    /** The pod was longer active than it may. Words of the kubelet. */
    public static final PodEnd DEADLINE = new PodEnd(
            Phase.Failed,
            KubeletReasons.DEADLINE_EXCEEDED,
            "Pod was active on the node longer than the specified deadline");

    /** Every container has done its work. */
    static final PodEnd SUCCEEDED = new PodEnd(Phase.Succeeded, "", "");

    /** Some container has failed. */
    static final PodEnd FAILED = new PodEnd(Phase.Failed, "", "");

    public PodEnd {
        Objects.requireNonNull(phase, "phase");
        Objects.requireNonNull(reason, "reason");
        Objects.requireNonNull(message, "message");
    }
}
