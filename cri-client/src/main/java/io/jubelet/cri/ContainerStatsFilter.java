/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cri;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Selects the containers to list statistics of; all conditions must match.
 *
 * @param id null for all
 * @param podSandboxId null for all
 * @param labelSelector labels that must all be present with these values
 */
public record ContainerStatsFilter(
        @Nullable ContainerId id, @Nullable PodSandboxId podSandboxId, Map<String, String> labelSelector) {
    public ContainerStatsFilter {
        labelSelector = Map.copyOf(labelSelector);
    }

    /** Returns the filter that matches all containers. */
    public static ContainerStatsFilter all() {
        return new ContainerStatsFilter(null, null, Map.of());
    }

    /** Returns the filter that matches the containers of this sandbox. */
    public static ContainerStatsFilter sandbox(PodSandboxId sandbox) {
        return new ContainerStatsFilter(null, sandbox, Map.of());
    }

    /** Returns the filter that matches the containers with all these labels. */
    public static ContainerStatsFilter labels(Map<String, String> labels) {
        return new ContainerStatsFilter(null, null, labels);
    }
}
