package io.jubelet.runtime;

import io.jubelet.plan.ActionFailedException;
import java.io.IOException;

/** What is said when a pod cannot have its cgroup, in the kubelet's words. */
final class PodCgroupFailure {

    private PodCgroupFailure() {}

    static ActionFailedException of(IOException e) {
        return new ActionFailedException(
                "FailedCreatePodContainer", "unable to ensure pod container exists: " + e.getMessage(), e);
    }
}
