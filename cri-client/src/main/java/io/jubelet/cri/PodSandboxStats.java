package io.jubelet.cri;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Resource usage of one sandbox and its containers.
 *
 * @param linux null on other systems
 * @param windows null on other systems
 */
public record PodSandboxStats(
        PodSandboxAttributes attributes, LinuxPodSandboxStats linux, WindowsPodSandboxStats windows) {
    public PodSandboxStats {
        Objects.requireNonNull(attributes, "attributes");
    }

    /**
     * Which sandbox the statistics are about.
     *
     * @param annotations free text, stored and given back unchanged
     */
    public record PodSandboxAttributes(
            PodSandboxId id, PodSandboxMetadata metadata, Map<String, String> labels, Map<String, String> annotations) {
        public PodSandboxAttributes {
            Objects.requireNonNull(id, "id");
            Objects.requireNonNull(metadata, "metadata");
            labels = Map.copyOf(labels);
            annotations = Map.copyOf(annotations);
        }
    }

    /**
     * The Linux part of sandbox statistics.
     *
     * @param cpu null when absent
     * @param memory null when absent
     * @param network null when absent
     * @param process null when absent
     * @param io null when absent
     */
    public record LinuxPodSandboxStats(
            CpuUsage cpu,
            MemoryUsage memory,
            NetworkUsage network,
            ProcessUsage process,
            List<ContainerStats> containers,
            IoUsage io) {
        public LinuxPodSandboxStats {
            containers = List.copyOf(containers);
        }
    }

    /**
     * How many processes there are.
     *
     * @param timestamp when this was measured; null when unknown
     * @param processCount null when absent
     */
    public record ProcessUsage(Instant timestamp, Long processCount) {}
}
