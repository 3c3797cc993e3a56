/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cri;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The resource usage of one sandbox and its containers.
 *
 * @param linux null on other operating systems
 * @param windows null on other operating systems
 */
public record PodSandboxStats(
        PodSandboxAttributes attributes,
        @Nullable LinuxPodSandboxStats linux,
        @Nullable WindowsPodSandboxStats windows) {
    public PodSandboxStats {
        Objects.requireNonNull(attributes, "attributes");
    }

    /**
     * Identifies the sandbox of the statistics.
     *
     * @param annotations arbitrary metadata, which the runtime stores and returns unchanged
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
     * @param cpu null if not reported
     * @param memory null if not reported
     * @param network null if not reported
     * @param process null if not reported
     * @param io null if not reported
     */
    public record LinuxPodSandboxStats(
            @Nullable CpuUsage cpu,
            @Nullable MemoryUsage memory,
            @Nullable NetworkUsage network,
            @Nullable ProcessUsage process,
            List<ContainerStats> containers,
            @Nullable IoUsage io) {
        public LinuxPodSandboxStats {
            containers = List.copyOf(containers);
        }
    }

    /**
     * The number of processes in a sandbox.
     *
     * @param timestamp the time of the measurement; null if unknown
     * @param processCount null if not reported
     */
    public record ProcessUsage(
            @Nullable Instant timestamp, @Nullable Long processCount) {}
}
