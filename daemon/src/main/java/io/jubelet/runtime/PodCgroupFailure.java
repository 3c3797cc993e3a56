/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.runtime;

import io.jubelet.document.FileProblem;
import io.jubelet.plan.ActionFailedException;
import io.jubelet.pod.Pod;
import java.io.IOException;

/**
 * The failure of an action whose pod cannot have its cgroup. Reason and message are the kubelet's.
 */
final class PodCgroupFailure {

    private PodCgroupFailure() {}

    static ActionFailedException of(IOException e, Pod pod) {
        String message = "unable to ensure pod container exists: " + FileProblem.of(e);
        return new ActionFailedException("FailedCreatePodContainer", FailureHints.ofSandbox(message, pod.spec()), e);
    }
}
