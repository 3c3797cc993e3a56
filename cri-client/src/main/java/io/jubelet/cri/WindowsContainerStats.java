package io.jubelet.cri;

import java.time.Instant;
import java.util.Objects;

/**
 * Resource usage of one Windows container.
 *
 * @param cpu null when absent
 * @param memory null when absent
 * @param writableLayer null when absent
 */
public record WindowsContainerStats(
        ContainerStats.ContainerAttributes attributes,
        WindowsCpuUsage cpu,
        WindowsMemoryUsage memory,
        WindowsFilesystemUsage writableLayer) {
    public WindowsContainerStats {
        Objects.requireNonNull(attributes, "attributes");
    }

    /**
     * CPU time used on Windows.
     *
     * @param timestamp when this was measured; null when unknown
     * @param usageCoreNanoSeconds null when absent
     * @param usageNanoCores billionths of a core used at this moment; null when unknown
     */
    public record WindowsCpuUsage(Instant timestamp, Long usageCoreNanoSeconds, Long usageNanoCores) {}

    /**
     * Memory used on Windows, in bytes.
     *
     * @param timestamp when this was measured; null when unknown
     * @param workingSetBytes null when absent
     * @param availableBytes null when absent
     * @param pageFaults null when absent
     * @param commitMemoryBytes null when absent
     */
    public record WindowsMemoryUsage(
            Instant timestamp, Long workingSetBytes, Long availableBytes, Long pageFaults, Long commitMemoryBytes) {}

    /**
     * Space used on one filesystem on Windows.
     *
     * @param timestamp when this was measured; null when unknown
     * @param fsId null when absent
     * @param usedBytes null when absent
     */
    public record WindowsFilesystemUsage(
            Instant timestamp, FilesystemUsage.FilesystemIdentifier fsId, Long usedBytes) {}
}
