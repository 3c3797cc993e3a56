/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cri;

import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * An event of a container or a sandbox.
 *
 * @param containerId the id of the container, or of the sandbox itself
 * @param createdAt the time of the event; null if unknown
 * @param podSandboxStatus null if the sandbox no longer exists
 */
public record ContainerEventResponse(
        ContainerId containerId,
        ContainerEventType containerEventType,
        @Nullable Instant createdAt,
        @Nullable PodSandboxStatus podSandboxStatus,
        List<ContainerStatus> containersStatuses) {
    public ContainerEventResponse {
        Objects.requireNonNull(containerId, "containerId");
        Objects.requireNonNull(containerEventType, "containerEventType");
        containersStatuses = List.copyOf(containersStatuses);
    }
}
