/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cri;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The response to a verbose status call: the status of a sandbox with diagnostic text.
 *
 * @param status null if not set
 * @param info diagnostic text by topic; empty unless the call is verbose
 * @param containersStatuses empty if the runtime does not support container events
 * @param timestamp the time of the measurement; null if unknown
 */
public record PodSandboxStatusResponse(
        @Nullable PodSandboxStatus status,
        Map<String, String> info,
        List<ContainerStatus> containersStatuses,
        @Nullable Instant timestamp) {
    public PodSandboxStatusResponse {
        info = Map.copyOf(info);
        containersStatuses = List.copyOf(containersStatuses);
    }
}
