package io.jubelet.cri;

import java.time.Instant;
import java.util.Map;
import java.util.Objects;

/**
 * Resource usage of one container.
 *
 * @param cpu null when absent
 * @param memory null when absent
 * @param writableLayer null when absent
 * @param swap null when absent
 * @param io null when absent
 */
public record ContainerStats(
        ContainerAttributes attributes,
        CpuUsage cpu,
        MemoryUsage memory,
        FilesystemUsage writableLayer,
        SwapUsage swap,
        IoUsage io) {
    public ContainerStats {
        Objects.requireNonNull(attributes, "attributes");
    }

    /**
     * Which container the statistics are about.
     *
     * @param annotations free text, stored and given back unchanged
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
     * Swap used, in bytes.
     *
     * @param timestamp when this was measured; null when unknown
     * @param swapAvailableBytes null when absent
     * @param swapUsageBytes null when absent
     */
    public record SwapUsage(Instant timestamp, Long swapAvailableBytes, Long swapUsageBytes) {}
}
