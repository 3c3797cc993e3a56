/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cri;

import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The resource usage of one container.
 *
 * @param cpu null if not reported
 * @param memory null if not reported
 * @param writableLayer null if not reported
 * @param swap null if not reported
 * @param io null if not reported
 */
public record ContainerStats(
        ContainerAttributes attributes,
        @Nullable CpuUsage cpu,
        @Nullable MemoryUsage memory,
        @Nullable FilesystemUsage writableLayer,
        @Nullable SwapUsage swap,
        @Nullable IoUsage io) {
    public ContainerStats {
        Objects.requireNonNull(attributes, "attributes");
    }

    /**
     * Identifies the container of the statistics.
     *
     * @param annotations arbitrary metadata, which the runtime stores and returns unchanged
     */
    public record ContainerAttributes(
            ContainerId id, ContainerMetadata metadata, Map<String, String> labels, Map<String, String> annotations) {
        public ContainerAttributes {
            Objects.requireNonNull(id, "id");
            Objects.requireNonNull(metadata, "metadata");
            labels = Map.copyOf(labels);
            annotations = Map.copyOf(annotations);
        }
    }

    /**
     * The swap usage of a container, in bytes.
     *
     * @param timestamp the time of the measurement; null if unknown
     * @param swapAvailableBytes null if not reported
     * @param swapUsageBytes null if not reported
     */
    public record SwapUsage(
            @Nullable Instant timestamp,
            @Nullable Long swapAvailableBytes,
            @Nullable Long swapUsageBytes) {}
}
