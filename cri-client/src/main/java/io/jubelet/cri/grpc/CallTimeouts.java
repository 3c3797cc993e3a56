/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cri.grpc;

import java.time.Duration;

/**
 * The timeouts of calls.
 *
 * @param request for all calls except PullImage; positive. RunPodSandbox has twice this timeout.
 *     StopContainer, ExecSync and CheckpointContainer add it to the timeout that the caller passes.
 * @param pullImage for PullImage; positive
 */
public record CallTimeouts(Duration request, Duration pullImage) {
    public CallTimeouts {
        if (!request.isPositive() || !pullImage.isPositive()) {
            throw new IllegalArgumentException("timeouts must be positive: " + request + ", " + pullImage);
        }
    }

    /** Returns the default timeouts: two minutes, as in the kubelet, and half an hour for pulls. */
    public static CallTimeouts defaults() {
        return new CallTimeouts(Duration.ofMinutes(2), Duration.ofMinutes(30));
    }
}
