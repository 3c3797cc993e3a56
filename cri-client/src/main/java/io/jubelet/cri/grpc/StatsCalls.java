/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cri.grpc;

import io.jubelet.cri.ContainerId;
import io.jubelet.cri.ContainerStats;
import io.jubelet.cri.ContainerStatsFilter;
import io.jubelet.cri.MetricDescriptor;
import io.jubelet.cri.PodSandboxId;
import io.jubelet.cri.PodSandboxMetrics;
import io.jubelet.cri.PodSandboxStats;
import io.jubelet.cri.PodSandboxStatsFilter;
import io.jubelet.cri.proto.Cri;
import java.util.List;
import java.util.function.Consumer;

/** The calls of the runtime service about resource usage and metrics. */
final class StatsCalls {
    private StatsCalls() {}

    static ContainerStats containerStats(GrpcStub stub, ContainerId container) {
        var request = Cri.ContainerStatsRequest.newBuilder()
                .setContainerId(container.value())
                .build();
        return stub.call(
                "ContainerStats",
                request,
                Cri.ContainerStatsResponse.getDefaultInstance(),
                answer -> StatsMapping.fromWire(answer.getStats()));
    }

    static List<ContainerStats> listContainerStats(GrpcStub stub, ContainerStatsFilter filter) {
        var request = Cri.ListContainerStatsRequest.newBuilder()
                .setFilter(StatsMapping.toWire(filter))
                .build();
        return stub.list(
                "ListContainerStats", request, Cri.ContainerStats.getDefaultInstance(), StatsMapping::fromWire);
    }

    static void streamContainerStats(
            GrpcStub stub, ContainerStatsFilter filter, Consumer<? super ContainerStats> each) {
        var request = Cri.StreamContainerStatsRequest.newBuilder()
                .setFilter(StatsMapping.toWire(filter))
                .build();
        stub.forEach(
                "StreamContainerStats",
                request,
                Cri.StreamContainerStatsResponse.getDefaultInstance(),
                part -> ValueMapping.map(part.getContainerStatsList(), StatsMapping::fromWire),
                each);
    }

    static PodSandboxStats podSandboxStats(GrpcStub stub, PodSandboxId sandbox) {
        var request = Cri.PodSandboxStatsRequest.newBuilder()
                .setPodSandboxId(sandbox.value())
                .build();
        return stub.call(
                "PodSandboxStats",
                request,
                Cri.PodSandboxStatsResponse.getDefaultInstance(),
                answer -> StatsMapping.fromWire(answer.getStats()));
    }

    static List<PodSandboxStats> listPodSandboxStats(GrpcStub stub, PodSandboxStatsFilter filter) {
        var request = Cri.ListPodSandboxStatsRequest.newBuilder()
                .setFilter(StatsMapping.toWire(filter))
                .build();
        return stub.list(
                "ListPodSandboxStats", request, Cri.PodSandboxStats.getDefaultInstance(), StatsMapping::fromWire);
    }

    static void streamPodSandboxStats(
            GrpcStub stub, PodSandboxStatsFilter filter, Consumer<? super PodSandboxStats> each) {
        var request = Cri.StreamPodSandboxStatsRequest.newBuilder()
                .setFilter(StatsMapping.toWire(filter))
                .build();
        stub.forEach(
                "StreamPodSandboxStats",
                request,
                Cri.StreamPodSandboxStatsResponse.getDefaultInstance(),
                part -> ValueMapping.map(part.getPodSandboxStatsList(), StatsMapping::fromWire),
                each);
    }

    static List<MetricDescriptor> listMetricDescriptors(GrpcStub stub) {
        var request = Cri.ListMetricDescriptorsRequest.getDefaultInstance();
        return stub.list(
                "ListMetricDescriptors", request, Cri.MetricDescriptor.getDefaultInstance(), MetricsMapping::fromWire);
    }

    static List<PodSandboxMetrics> listPodSandboxMetrics(GrpcStub stub) {
        var request = Cri.ListPodSandboxMetricsRequest.getDefaultInstance();
        return stub.list(
                "ListPodSandboxMetrics", request, Cri.PodSandboxMetrics.getDefaultInstance(), MetricsMapping::fromWire);
    }

    static void streamPodSandboxMetrics(GrpcStub stub, Consumer<? super PodSandboxMetrics> each) {
        stub.forEach(
                "StreamPodSandboxMetrics",
                Cri.StreamPodSandboxMetricsRequest.getDefaultInstance(),
                Cri.StreamPodSandboxMetricsResponse.getDefaultInstance(),
                part -> ValueMapping.map(part.getPodSandboxMetricsList(), MetricsMapping::fromWire),
                each);
    }
}
