/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cri.grpc;

import io.jubelet.cri.Container;
import io.jubelet.cri.ContainerConfig;
import io.jubelet.cri.ContainerEventResponse;
import io.jubelet.cri.ContainerFilter;
import io.jubelet.cri.ContainerId;
import io.jubelet.cri.ContainerResources;
import io.jubelet.cri.ContainerStats;
import io.jubelet.cri.ContainerStatsFilter;
import io.jubelet.cri.ContainerStatus;
import io.jubelet.cri.ContainerStatusResponse;
import io.jubelet.cri.CriException;
import io.jubelet.cri.EventStream;
import io.jubelet.cri.ExecResult;
import io.jubelet.cri.LinuxContainerResources;
import io.jubelet.cri.MetricDescriptor;
import io.jubelet.cri.PodSandbox;
import io.jubelet.cri.PodSandboxConfig;
import io.jubelet.cri.PodSandboxFilter;
import io.jubelet.cri.PodSandboxId;
import io.jubelet.cri.PodSandboxMetrics;
import io.jubelet.cri.PodSandboxStats;
import io.jubelet.cri.PodSandboxStatsFilter;
import io.jubelet.cri.PodSandboxStatus;
import io.jubelet.cri.PodSandboxStatusResponse;
import io.jubelet.cri.RuntimeConfig;
import io.jubelet.cri.RuntimeConfigResponse;
import io.jubelet.cri.RuntimeService;
import io.jubelet.cri.StatusResponse;
import io.jubelet.cri.StreamOptions;
import io.jubelet.cri.VersionResponse;
import io.jubelet.cri.proto.Cri;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The runtime service over gRPC; each method makes one call. */
final class GrpcRuntimeService implements RuntimeService {
    /** The time for the start of a command and for its response, in addition to its timeout. */
    private static final Duration EXEC_MARGIN = Duration.ofSeconds(30);

    private final GrpcStub stub;
    private final Duration timeout;

    /**
     * @param timeout the timeout of a call, to which a timeout that the caller passes is added
     */
    GrpcRuntimeService(GrpcStub stub, Duration timeout) {
        this.stub = stub;
        this.timeout = timeout;
    }

    @Override
    public VersionResponse version() {
        var request = Cri.VersionRequest.newBuilder().setVersion("v1").build();
        return stub.call("Version", request, Cri.VersionResponse.getDefaultInstance(), RuntimeMapping::fromWire);
    }

    @Override
    public StatusResponse status(boolean verbose) {
        var request = Cri.StatusRequest.newBuilder().setVerbose(verbose).build();
        return stub.call("Status", request, Cri.StatusResponse.getDefaultInstance(), RuntimeMapping::fromWire);
    }

    @Override
    public RuntimeConfigResponse runtimeConfig() {
        var request = Cri.RuntimeConfigRequest.getDefaultInstance();
        return stub.call(
                "RuntimeConfig", request, Cri.RuntimeConfigResponse.getDefaultInstance(), RuntimeMapping::fromWire);
    }

    @Override
    public void updateRuntimeConfig(RuntimeConfig config) {
        var request = Cri.UpdateRuntimeConfigRequest.newBuilder()
                .setRuntimeConfig(RuntimeMapping.toWire(config))
                .build();
        stub.call("UpdateRuntimeConfig", request, Cri.UpdateRuntimeConfigResponse.getDefaultInstance());
    }

    @Override
    public PodSandboxId runPodSandbox(PodSandboxConfig config, String runtimeHandler) {
        var request = Cri.RunPodSandboxRequest.newBuilder()
                .setConfig(SandboxMapping.toWire(config))
                .setRuntimeHandler(runtimeHandler)
                .build();
        var answer = stub.call(
                "RunPodSandbox", request, Cri.RunPodSandboxResponse.getDefaultInstance(), timeout.plus(timeout));
        return GrpcStub.converted("RunPodSandbox", answer.getPodSandboxId(), PodSandboxId::new);
    }

    @Override
    public void stopPodSandbox(PodSandboxId sandbox) {
        var request = Cri.StopPodSandboxRequest.newBuilder()
                .setPodSandboxId(sandbox.value())
                .build();
        try {
            stub.call("StopPodSandbox", request, Cri.StopPodSandboxResponse.getDefaultInstance());
        } catch (CriException.NotFound _) {
            // The CRI defines this as success, but containerd 1.6 returns an error. So does its
            // StopContainer.
        }
    }

    @Override
    public void removePodSandbox(PodSandboxId sandbox) {
        var request = Cri.RemovePodSandboxRequest.newBuilder()
                .setPodSandboxId(sandbox.value())
                .build();
        stub.call("RemovePodSandbox", request, Cri.RemovePodSandboxResponse.getDefaultInstance());
    }

    @Override
    public PodSandboxStatus podSandboxStatus(PodSandboxId sandbox) {
        return podSandboxStatus(sandbox, false, answer -> SandboxMapping.fromWire(answer.getStatus()));
    }

    @Override
    public PodSandboxStatusResponse podSandboxStatusVerbose(PodSandboxId sandbox) {
        return podSandboxStatus(sandbox, true, SandboxMapping::fromWire);
    }

    private <R> R podSandboxStatus(
            PodSandboxId sandbox, boolean verbose, Function<Cri.PodSandboxStatusResponse, R> fromWire) {
        var request = Cri.PodSandboxStatusRequest.newBuilder()
                .setPodSandboxId(sandbox.value())
                .setVerbose(verbose)
                .build();
        return stub.call("PodSandboxStatus", request, Cri.PodSandboxStatusResponse.getDefaultInstance(), fromWire);
    }

    @Override
    public List<PodSandbox> listPodSandboxes(PodSandboxFilter filter) {
        var request = Cri.ListPodSandboxRequest.newBuilder()
                .setFilter(SandboxMapping.toWire(filter))
                .build();
        return stub.list("ListPodSandbox", request, Cri.PodSandbox.getDefaultInstance(), SandboxMapping::fromWire);
    }

    @Override
    public void streamPodSandboxes(PodSandboxFilter filter, Consumer<? super PodSandbox> each) {
        var request = Cri.StreamPodSandboxesRequest.newBuilder()
                .setFilter(SandboxMapping.toWire(filter))
                .build();
        stub.forEach(
                "StreamPodSandboxes",
                request,
                Cri.StreamPodSandboxesResponse.getDefaultInstance(),
                part -> ValueMapping.map(part.getPodSandboxesList(), SandboxMapping::fromWire),
                each);
    }

    @Override
    public void updatePodSandboxResources(
            PodSandboxId sandbox,
            @Nullable LinuxContainerResources overhead,
            @Nullable LinuxContainerResources resources) {
        var request = Cri.UpdatePodSandboxResourcesRequest.newBuilder().setPodSandboxId(sandbox.value());
        if (overhead != null) {
            request.setOverhead(ResourcesMapping.toWire(overhead));
        }
        if (resources != null) {
            request.setResources(ResourcesMapping.toWire(resources));
        }
        stub.call(
                "UpdatePodSandboxResources",
                request.build(),
                Cri.UpdatePodSandboxResourcesResponse.getDefaultInstance());
    }

    @Override
    public ContainerId createContainer(PodSandboxId sandbox, ContainerConfig config, PodSandboxConfig sandboxConfig) {
        var request = Cri.CreateContainerRequest.newBuilder()
                .setPodSandboxId(sandbox.value())
                .setConfig(ContainerMapping.toWire(config))
                .setSandboxConfig(SandboxMapping.toWire(sandboxConfig))
                .build();
        var answer = stub.call("CreateContainer", request, Cri.CreateContainerResponse.getDefaultInstance());
        return GrpcStub.converted("CreateContainer", answer.getContainerId(), ContainerId::new);
    }

    @Override
    public void startContainer(ContainerId container) {
        var request = Cri.StartContainerRequest.newBuilder()
                .setContainerId(container.value())
                .build();
        stub.call("StartContainer", request, Cri.StartContainerResponse.getDefaultInstance());
    }

    @Override
    public void stopContainer(ContainerId container, Duration grace) {
        var request = Cri.StopContainerRequest.newBuilder()
                .setContainerId(container.value())
                .setTimeout(ValueMapping.seconds(grace))
                .build();
        try {
            stub.call("StopContainer", request, Cri.StopContainerResponse.getDefaultInstance(), timeout.plus(grace));
        } catch (CriException.NotFound _) {
            // See stopPodSandbox.
        }
    }

    @Override
    public void removeContainer(ContainerId container) {
        var request = Cri.RemoveContainerRequest.newBuilder()
                .setContainerId(container.value())
                .build();
        stub.call("RemoveContainer", request, Cri.RemoveContainerResponse.getDefaultInstance());
    }

    @Override
    public List<Container> listContainers(ContainerFilter filter) {
        var request = Cri.ListContainersRequest.newBuilder()
                .setFilter(ContainerMapping.toWire(filter))
                .build();
        return stub.list("ListContainers", request, Cri.Container.getDefaultInstance(), ContainerMapping::fromWire);
    }

    @Override
    public void streamContainers(ContainerFilter filter, Consumer<? super Container> each) {
        var request = Cri.StreamContainersRequest.newBuilder()
                .setFilter(ContainerMapping.toWire(filter))
                .build();
        stub.forEach(
                "StreamContainers",
                request,
                Cri.StreamContainersResponse.getDefaultInstance(),
                part -> ValueMapping.map(part.getContainersList(), ContainerMapping::fromWire),
                each);
    }

    @Override
    public ContainerStatus containerStatus(ContainerId container) {
        return containerStatus(container, false, answer -> ContainerMapping.fromWire(answer.getStatus()));
    }

    @Override
    public ContainerStatusResponse containerStatusVerbose(ContainerId container) {
        return containerStatus(container, true, ContainerMapping::fromWire);
    }

    private <R> R containerStatus(
            ContainerId container, boolean verbose, Function<Cri.ContainerStatusResponse, R> fromWire) {
        var request = Cri.ContainerStatusRequest.newBuilder()
                .setContainerId(container.value())
                .setVerbose(verbose)
                .build();
        return stub.call("ContainerStatus", request, Cri.ContainerStatusResponse.getDefaultInstance(), fromWire);
    }

    @Override
    public void updateContainerResources(
            ContainerId container, ContainerResources resources, Map<String, String> annotations) {
        var request = Cri.UpdateContainerResourcesRequest.newBuilder()
                .setContainerId(container.value())
                .putAllAnnotations(annotations);
        if (resources.linux() != null) {
            request.setLinux(ResourcesMapping.toWire(resources.linux()));
        }
        if (resources.windows() != null) {
            request.setWindows(ResourcesMapping.toWire(resources.windows()));
        }
        stub.call(
                "UpdateContainerResources", request.build(), Cri.UpdateContainerResourcesResponse.getDefaultInstance());
    }

    @Override
    public void reopenContainerLog(ContainerId container) {
        var request = Cri.ReopenContainerLogRequest.newBuilder()
                .setContainerId(container.value())
                .build();
        stub.call("ReopenContainerLog", request, Cri.ReopenContainerLogResponse.getDefaultInstance());
    }

    @Override
    public void checkpointContainer(ContainerId container, String location, Duration limit) {
        var request = Cri.CheckpointContainerRequest.newBuilder()
                .setContainerId(container.value())
                .setLocation(location)
                .setTimeout(ValueMapping.seconds(limit))
                .build();
        stub.call(
                "CheckpointContainer",
                request,
                Cri.CheckpointContainerResponse.getDefaultInstance(),
                timeout.plus(limit));
    }

    @Override
    public ExecResult execSync(ContainerId container, List<String> command, Duration limit) {
        var request = Cri.ExecSyncRequest.newBuilder()
                .setContainerId(container.value())
                .addAllCmd(command)
                .setTimeout(ValueMapping.seconds(limit))
                .build();
        var answer = stub.call(
                "ExecSync",
                request,
                Cri.ExecSyncResponse.getDefaultInstance(),
                execTimeout(limit),
                ResponseLimits.EXEC);
        return new ExecResult(
                answer.getStdout().toByteArray(), answer.getStderr().toByteArray(), answer.getExitCode());
    }

    /**
     * After the runtime has killed the command, it waits until all processes have closed its
     * output. If a child of a shell keeps the output open, it waits forever.
     */
    private Duration execTimeout(Duration limit) {
        return limit.isZero() ? timeout : limit.plus(EXEC_MARGIN.compareTo(timeout) < 0 ? EXEC_MARGIN : timeout);
    }

    @Override
    public URI exec(ContainerId container, List<String> command, StreamOptions options) {
        var request = Cri.ExecRequest.newBuilder()
                .setContainerId(container.value())
                .addAllCmd(command)
                .setTty(options.tty())
                .setStdin(options.stdin())
                .setStdout(options.stdout())
                .setStderr(options.stderr())
                .build();
        return stub.call("Exec", request, Cri.ExecResponse.getDefaultInstance(), answer -> URI.create(answer.getUrl()));
    }

    @Override
    public URI attach(ContainerId container, StreamOptions options) {
        var request = Cri.AttachRequest.newBuilder()
                .setContainerId(container.value())
                .setStdin(options.stdin())
                .setTty(options.tty())
                .setStdout(options.stdout())
                .setStderr(options.stderr())
                .build();
        return stub.call(
                "Attach", request, Cri.AttachResponse.getDefaultInstance(), answer -> URI.create(answer.getUrl()));
    }

    @Override
    public URI portForward(PodSandboxId sandbox, List<Integer> ports) {
        var request = Cri.PortForwardRequest.newBuilder()
                .setPodSandboxId(sandbox.value())
                .addAllPort(ports)
                .build();
        return stub.call(
                "PortForward",
                request,
                Cri.PortForwardResponse.getDefaultInstance(),
                answer -> URI.create(answer.getUrl()));
    }

    @Override
    public ContainerStats containerStats(ContainerId container) {
        return StatsCalls.containerStats(stub, container);
    }

    @Override
    public List<ContainerStats> listContainerStats(ContainerStatsFilter filter) {
        return StatsCalls.listContainerStats(stub, filter);
    }

    @Override
    public void streamContainerStats(ContainerStatsFilter filter, Consumer<? super ContainerStats> each) {
        StatsCalls.streamContainerStats(stub, filter, each);
    }

    @Override
    public PodSandboxStats podSandboxStats(PodSandboxId sandbox) {
        return StatsCalls.podSandboxStats(stub, sandbox);
    }

    @Override
    public List<PodSandboxStats> listPodSandboxStats(PodSandboxStatsFilter filter) {
        return StatsCalls.listPodSandboxStats(stub, filter);
    }

    @Override
    public void streamPodSandboxStats(PodSandboxStatsFilter filter, Consumer<? super PodSandboxStats> each) {
        StatsCalls.streamPodSandboxStats(stub, filter, each);
    }

    @Override
    public List<MetricDescriptor> listMetricDescriptors() {
        return StatsCalls.listMetricDescriptors(stub);
    }

    @Override
    public List<PodSandboxMetrics> listPodSandboxMetrics() {
        return StatsCalls.listPodSandboxMetrics(stub);
    }

    @Override
    public void streamPodSandboxMetrics(Consumer<? super PodSandboxMetrics> each) {
        StatsCalls.streamPodSandboxMetrics(stub, each);
    }

    @Override
    public EventStream<ContainerEventResponse> containerEvents() {
        return stub.events(
                "GetContainerEvents",
                Cri.GetEventsRequest.getDefaultInstance(),
                Cri.ContainerEventResponse.getDefaultInstance(),
                ContainerMapping::fromWire);
    }
}
