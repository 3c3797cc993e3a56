/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cri;

import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The resource usage of one Windows container.
 *
 * @param cpu null if not reported
 * @param memory null if not reported
 * @param writableLayer null if not reported
 */
public record WindowsContainerStats(
        ContainerStats.ContainerAttributes attributes,
        @Nullable WindowsCpuUsage cpu,
        @Nullable WindowsMemoryUsage memory,
        @Nullable WindowsFilesystemUsage writableLayer) {
    public WindowsContainerStats {
        Objects.requireNonNull(attributes, "attributes");
    }

    /**
     * The CPU usage on Windows.
     *
     * @param timestamp the time of the measurement; null if unknown
     * @param usageCoreNanoSeconds null if not reported
     * @param usageNanoCores the current usage in billionths of a core; null if unknown
     */
    public record WindowsCpuUsage(
            @Nullable Instant timestamp,
            @Nullable Long usageCoreNanoSeconds,
            @Nullable Long usageNanoCores) {}

    /**
     * The memory usage on Windows, in bytes.
     *
     * @param timestamp the time of the measurement; null if unknown
     * @param workingSetBytes null if not reported
     * @param availableBytes null if not reported
     * @param pageFaults null if not reported
     * @param commitMemoryBytes null if not reported
     */
    public record WindowsMemoryUsage(
            @Nullable Instant timestamp,
            @Nullable Long workingSetBytes,
            @Nullable Long availableBytes,
            @Nullable Long pageFaults,
            @Nullable Long commitMemoryBytes) {}

    /**
     * The space in use on one filesystem on Windows.
     *
     * @param timestamp the time of the measurement; null if unknown
     * @param fsId null if not reported
     * @param usedBytes null if not reported
     */
    public record WindowsFilesystemUsage(
            @Nullable Instant timestamp,
            FilesystemUsage.@Nullable FilesystemIdentifier fsId,
            @Nullable Long usedBytes) {}
}
