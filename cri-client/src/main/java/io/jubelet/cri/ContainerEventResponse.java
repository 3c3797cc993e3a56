package io.jubelet.cri;

import java.time.Instant;
import java.util.List;
import java.util.Objects;

/**
 * Something happened to a container or a sandbox.
 *
 * @param containerId of the container, or of the sandbox itself
 * @param createdAt when it was created; null when unknown
 * @param podSandboxStatus null when the sandbox is gone
 */
public record ContainerEventResponse(
        ContainerId containerId,
        ContainerEventType containerEventType,
        Instant createdAt,
        PodSandboxStatus podSandboxStatus,
        List<ContainerStatus> containersStatuses) {
    public ContainerEventResponse {
        Objects.requireNonNull(containerId, "containerId");
        Objects.requireNonNull(containerEventType, "containerEventType");
        containersStatuses = List.copyOf(containersStatuses);
    }
}
