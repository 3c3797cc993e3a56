package io.jubelet.cri.grpc;

import java.time.Duration;

/**
 * How long calls may take. RunPodSandbox may take twice the time of others; StopContainer, ExecSync and
 * CheckpointContainer may take it on top of the timeout given by the caller.
 *
 * @param request for all calls but PullImage
 * @param pullImage for PullImage, which moves whatever amount of data there is
 */
public record CallTimeouts(Duration request, Duration pullImage) {
    public CallTimeouts {
        if (!request.isPositive() || !pullImage.isPositive()) {
            throw new IllegalArgumentException("timeouts must be positive: " + request + ", " + pullImage);
        }
    }

    /** Two minutes, as the kubelet has it, and half an hour for pulls. */
    public static CallTimeouts defaults() {
        return new CallTimeouts(Duration.ofMinutes(2), Duration.ofMinutes(30));
    }
}
