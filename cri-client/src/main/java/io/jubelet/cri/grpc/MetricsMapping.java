/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cri.grpc;

import io.jubelet.cri.ContainerId;
import io.jubelet.cri.MetricDescriptor;
import io.jubelet.cri.PodSandboxId;
import io.jubelet.cri.PodSandboxMetrics;
import io.jubelet.cri.proto.Cri;

/** Metrics: wire messages to records. */
final class MetricsMapping {
    private MetricsMapping() {}

    static MetricDescriptor fromWire(Cri.MetricDescriptor wire) {
        return new MetricDescriptor(wire.getName(), wire.getHelp(), wire.getLabelKeysList());
    }

    static PodSandboxMetrics fromWire(Cri.PodSandboxMetrics wire) {
        return new PodSandboxMetrics(
                new PodSandboxId(wire.getPodSandboxId()),
                ValueMapping.map(wire.getMetricsList(), MetricsMapping::fromWire),
                ValueMapping.map(wire.getContainerMetricsList(), MetricsMapping::fromWire));
    }

    static PodSandboxMetrics.ContainerMetrics fromWire(Cri.ContainerMetrics wire) {
        return new PodSandboxMetrics.ContainerMetrics(
                new ContainerId(wire.getContainerId()),
                ValueMapping.map(wire.getMetricsList(), MetricsMapping::fromWire));
    }

    static PodSandboxMetrics.Metric fromWire(Cri.Metric wire) {
        return new PodSandboxMetrics.Metric(
                wire.getName(),
                ValueMapping.instant(wire.getTimestamp()),
                EnumMapping.fromWire(wire.getMetricType()),
                wire.getLabelValuesList(),
                wire.hasValue() ? wire.getValue().getValue() : null);
    }
}
