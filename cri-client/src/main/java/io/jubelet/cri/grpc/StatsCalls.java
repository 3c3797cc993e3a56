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

    static ContainerStats containerStats(Rpc rpc, ContainerId container) {
        var request = Cri.ContainerStatsRequest.newBuilder()
                .setContainerId(container.value())
                .build();
        return StatsMapping.fromWire(
                rpc.call("ContainerStats", request, Cri.ContainerStatsResponse.getDefaultInstance())
                        .getStats());
    }

    static List<ContainerStats> listContainerStats(Rpc rpc, ContainerStatsFilter filter) {
        var request = Cri.ListContainerStatsRequest.newBuilder()
                .setFilter(StatsMapping.toWire(filter))
                .build();
        var answer = rpc.call("ListContainerStats", request, Cri.ListContainerStatsResponse.getDefaultInstance());
        return Wire.map(answer.getStatsList(), StatsMapping::fromWire);
    }

    static void streamContainerStats(Rpc rpc, ContainerStatsFilter filter, Consumer<? super ContainerStats> each) {
        var request = Cri.StreamContainerStatsRequest.newBuilder()
                .setFilter(StatsMapping.toWire(filter))
                .build();
        rpc.forEach(
                "StreamContainerStats",
                request,
                Cri.StreamContainerStatsResponse.getDefaultInstance(),
                part -> Wire.map(part.getContainerStatsList(), StatsMapping::fromWire)
                        .forEach(each));
    }

    static PodSandboxStats podSandboxStats(Rpc rpc, PodSandboxId sandbox) {
        var request = Cri.PodSandboxStatsRequest.newBuilder()
                .setPodSandboxId(sandbox.value())
                .build();
        return StatsMapping.fromWire(
                rpc.call("PodSandboxStats", request, Cri.PodSandboxStatsResponse.getDefaultInstance())
                        .getStats());
    }

    static List<PodSandboxStats> listPodSandboxStats(Rpc rpc, PodSandboxStatsFilter filter) {
        var request = Cri.ListPodSandboxStatsRequest.newBuilder()
                .setFilter(StatsMapping.toWire(filter))
                .build();
        var answer = rpc.call("ListPodSandboxStats", request, Cri.ListPodSandboxStatsResponse.getDefaultInstance());
        return Wire.map(answer.getStatsList(), StatsMapping::fromWire);
    }

    static void streamPodSandboxStats(Rpc rpc, PodSandboxStatsFilter filter, Consumer<? super PodSandboxStats> each) {
        var request = Cri.StreamPodSandboxStatsRequest.newBuilder()
                .setFilter(StatsMapping.toWire(filter))
                .build();
        rpc.forEach(
                "StreamPodSandboxStats",
                request,
                Cri.StreamPodSandboxStatsResponse.getDefaultInstance(),
                part -> Wire.map(part.getPodSandboxStatsList(), StatsMapping::fromWire)
                        .forEach(each));
    }

    static List<MetricDescriptor> listMetricDescriptors(Rpc rpc) {
        var request = Cri.ListMetricDescriptorsRequest.getDefaultInstance();
        var answer = rpc.call("ListMetricDescriptors", request, Cri.ListMetricDescriptorsResponse.getDefaultInstance());
        return Wire.map(answer.getDescriptorsList(), MetricsMapping::fromWire);
    }

    static List<PodSandboxMetrics> listPodSandboxMetrics(Rpc rpc) {
        var request = Cri.ListPodSandboxMetricsRequest.getDefaultInstance();
        var answer = rpc.call("ListPodSandboxMetrics", request, Cri.ListPodSandboxMetricsResponse.getDefaultInstance());
        return Wire.map(answer.getPodMetricsList(), MetricsMapping::fromWire);
    }

    static void streamPodSandboxMetrics(Rpc rpc, Consumer<? super PodSandboxMetrics> each) {
        rpc.forEach(
                "StreamPodSandboxMetrics",
                Cri.StreamPodSandboxMetricsRequest.getDefaultInstance(),
                Cri.StreamPodSandboxMetricsResponse.getDefaultInstance(),
                part -> Wire.map(part.getPodSandboxMetricsList(), MetricsMapping::fromWire)
                        .forEach(each));
    }
}
