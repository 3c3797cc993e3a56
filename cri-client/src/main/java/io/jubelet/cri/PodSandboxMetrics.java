/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cri;

import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The metrics of one sandbox and its containers. */
public record PodSandboxMetrics(
        PodSandboxId podSandboxId, List<Metric> metrics, List<ContainerMetrics> containerMetrics) {
    public PodSandboxMetrics {
        Objects.requireNonNull(podSandboxId, "podSandboxId");
        metrics = List.copyOf(metrics);
        containerMetrics = List.copyOf(containerMetrics);
    }

    /** The metrics of one container. */
    public record ContainerMetrics(ContainerId containerId, List<Metric> metrics) {
        public ContainerMetrics {
            Objects.requireNonNull(containerId, "containerId");
            metrics = List.copyOf(metrics);
        }
    }

    /**
     * One value of one metric.
     *
     * @param timestamp the time of the measurement; null if unknown
     * @param value null if not reported
     */
    public record Metric(
            String name,
            @Nullable Instant timestamp,
            MetricType metricType,
            List<String> labelValues,
            @Nullable Long value) {
        public Metric {
            Objects.requireNonNull(name, "name");
            Objects.requireNonNull(metricType, "metricType");
            labelValues = List.copyOf(labelValues);
        }
    }
}
