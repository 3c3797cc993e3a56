/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cri.simulated;

import io.jubelet.cri.CgroupDriver;
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
import io.jubelet.cri.Image;
import io.jubelet.cri.LinuxContainerResources;
import io.jubelet.cri.MetricDescriptor;
import io.jubelet.cri.PodSandbox;
import io.jubelet.cri.PodSandboxConfig;
import io.jubelet.cri.PodSandboxFilter;
import io.jubelet.cri.PodSandboxId;
import io.jubelet.cri.PodSandboxMetrics;
import io.jubelet.cri.PodSandboxState;
import io.jubelet.cri.PodSandboxStats;
import io.jubelet.cri.PodSandboxStatsFilter;
import io.jubelet.cri.PodSandboxStatus;
import io.jubelet.cri.PodSandboxStatusResponse;
import io.jubelet.cri.RuntimeConfig;
import io.jubelet.cri.RuntimeConfigResponse;
import io.jubelet.cri.RuntimeConfigResponse.LinuxRuntimeConfiguration;
import io.jubelet.cri.RuntimeService;
import io.jubelet.cri.StatusResponse;
import io.jubelet.cri.StatusResponse.RuntimeCondition;
import io.jubelet.cri.StatusResponse.RuntimeStatus;
import io.jubelet.cri.StreamOptions;
import io.jubelet.cri.VersionResponse;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The runtime service of a simulated runtime; {@link SimulatedState} holds the sandboxes and
 * containers.
 */
final class SimulatedRuntimeService implements RuntimeService {
    private static final Map<String, String> INFO = Map.of("info", "{}");

    private final SimulatedCalls calls;
    private final SimulatedState state;
    private final SimulatedImages images;
    private final SimulatedEvents events;
    private final SimulatedLogs logs;
    private final Function<ContainerConfig, ProcessBehaviour> behaviours;
    private final SimulatedStreams streams = new SimulatedStreams();
    private volatile boolean networkReady = true;

    SimulatedRuntimeService(
            SimulatedCalls calls,
            SimulatedState state,
            SimulatedImages images,
            SimulatedEvents events,
            SimulatedLogs logs,
            Function<ContainerConfig, ProcessBehaviour> behaviours) {
        this.calls = calls;
        this.state = state;
        this.images = images;
        this.events = events;
        this.logs = logs;
        this.behaviours = behaviours;
    }

    void networkReady(boolean ready) {
        networkReady = ready;
    }

    @Override
    public VersionResponse version() {
        return calls.call("Version", "", () -> new VersionResponse("0.1.0", "simulated", "1.0.0", "v1"));
    }

    @Override
    public StatusResponse status(boolean verbose) {
        return calls.call("Status", "", () -> {
            var runtime = new RuntimeCondition("RuntimeReady", true, "", "");
            var network = networkReady
                    ? new RuntimeCondition("NetworkReady", true, "", "")
                    : new RuntimeCondition("NetworkReady", false, "NetworkPluginNotReady", "no network is configured");
            return new StatusResponse(
                    new RuntimeStatus(List.of(runtime, network)), verbose ? INFO : Map.of(), List.of(), null);
        });
    }

    @Override
    public RuntimeConfigResponse runtimeConfig() {
        return calls.call(
                "RuntimeConfig",
                "",
                () -> new RuntimeConfigResponse(new LinuxRuntimeConfiguration(CgroupDriver.CGROUPFS)));
    }

    @Override
    public void updateRuntimeConfig(RuntimeConfig config) {
        calls.run("UpdateRuntimeConfig", "", () -> {});
    }

    @Override
    public PodSandboxId runPodSandbox(PodSandboxConfig config, String runtimeHandler) {
        return calls.call("RunPodSandbox", config.metadata().name(), () -> state.run(config, runtimeHandler));
    }

    @Override
    public void stopPodSandbox(PodSandboxId sandbox) {
        calls.run("StopPodSandbox", sandbox, () -> state.stop(sandbox));
    }

    @Override
    public void removePodSandbox(PodSandboxId sandbox) {
        calls.run("RemovePodSandbox", sandbox, () -> state.remove(sandbox));
    }

    @Override
    public PodSandboxStatus podSandboxStatus(PodSandboxId sandbox) {
        return calls.call(
                "PodSandboxStatus",
                sandbox,
                () -> state.sandbox("PodSandboxStatus", sandbox, SimulatedSandbox::status));
    }

    @Override
    public PodSandboxStatusResponse podSandboxStatusVerbose(PodSandboxId sandbox) {
        return new PodSandboxStatusResponse(podSandboxStatus(sandbox), INFO, List.of(), calls.clock.instant());
    }

    @Override
    public List<PodSandbox> listPodSandboxes(PodSandboxFilter filter) {
        return calls.call("ListPodSandbox", "", () -> state.sandboxes(filter, SimulatedSandbox::listed));
    }

    @Override
    public void streamPodSandboxes(PodSandboxFilter filter, Consumer<? super PodSandbox> each) {
        calls.call("StreamPodSandboxes", "", () -> state.sandboxes(filter, SimulatedSandbox::listed))
                .forEach(each);
    }

    @Override
    public void updatePodSandboxResources(
            PodSandboxId sandbox,
            @Nullable LinuxContainerResources overhead,
            @Nullable LinuxContainerResources resources) {
        calls.run(
                "UpdatePodSandboxResources",
                sandbox,
                () -> state.sandbox("UpdatePodSandboxResources", sandbox, SimulatedSandbox::listed));
    }

    @Override
    public ContainerId createContainer(PodSandboxId sandbox, ContainerConfig config, PodSandboxConfig sandboxConfig) {
        return calls.call("CreateContainer", config.metadata().name(), () -> {
            Image image = images.find(config.image());
            return state.create(sandbox, config, image == null ? null : image.id());
        });
    }

    @Override
    public void startContainer(ContainerId container) {
        calls.run(
                "StartContainer",
                container,
                () -> state.start(container, config -> behaviours.apply(config).start(commandLine(config))));
    }

    private static List<String> commandLine(ContainerConfig config) {
        return Stream.concat(config.command().stream(), config.args().stream()).toList();
    }

    @Override
    public void stopContainer(ContainerId id, Duration timeout) {
        calls.run("StopContainer", id, () -> {
            SimulatedContainer container = state.running(id);
            if (container == null) {
                return;
            }
            SimulatedProcess process = Objects.requireNonNull(container.process, "the process of a running container");
            Integer stopExitCode = process.stopExitCode();
            if (timeout.isPositive() && stopExitCode != null) {
                state.exit(container, stopExitCode, stopExitCode == 0 ? "Completed" : "Error");
            } else if (timeout.isPositive()) {
                calls.await("StopContainer", id.value(), timeout, state.exitOf(container));
            }
            state.exit(container, 137, "Error");
        });
    }

    @Override
    public void removeContainer(ContainerId container) {
        calls.run("RemoveContainer", container, () -> state.remove(container));
    }

    @Override
    public List<Container> listContainers(ContainerFilter filter) {
        return calls.call("ListContainers", "", () -> state.containers(filter, SimulatedContainer::listed));
    }

    @Override
    public void streamContainers(ContainerFilter filter, Consumer<? super Container> each) {
        calls.call("StreamContainers", "", () -> state.containers(filter, SimulatedContainer::listed))
                .forEach(each);
    }

    @Override
    public ContainerStatus containerStatus(ContainerId container) {
        return calls.call(
                "ContainerStatus",
                container,
                () -> state.container("ContainerStatus", container, SimulatedContainer::status));
    }

    @Override
    public ContainerStatusResponse containerStatusVerbose(ContainerId container) {
        return new ContainerStatusResponse(containerStatus(container), INFO);
    }

    @Override
    public void updateContainerResources(
            ContainerId container, ContainerResources resources, Map<String, String> annotations) {
        calls.run("UpdateContainerResources", container, () -> state.update(container, resources));
    }

    @Override
    public void reopenContainerLog(ContainerId container) {
        calls.run(
                "ReopenContainerLog",
                container,
                () -> logs.reopen(
                        state.requireRunning("ReopenContainerLog", container).logPath()));
    }

    @Override
    public void checkpointContainer(ContainerId container, String location, Duration timeout) {
        throw unimplemented("CheckpointContainer", container);
    }

    @Override
    public ExecResult execSync(ContainerId id, List<String> command, Duration timeout) {
        return calls.call("ExecSync", id, () -> {
            SimulatedContainer container = state.requireRunning("ExecSync", id);
            SimulatedProcess process = behaviours.apply(container.config).start(command);
            if (process.startError() != null) {
                throw new CriException.Failed("ExecSync", "failed to exec in container: " + process.startError());
            }
            boolean tooLong = !timeout.isZero()
                    && (process.runsFor() == null || process.runsFor().compareTo(timeout) > 0);
            Duration runs = tooLong || process.runsFor() == null ? timeout : process.runsFor();
            if (runs.isPositive()) {
                calls.await("ExecSync", id.value(), runs, new CountDownLatch(1));
            }
            if (tooLong) {
                throw new CriException.DeadlineExceeded(
                        "ExecSync", "failed to exec in container: timeout " + timeout + " exceeded");
            }
            return new ExecResult(output(process.stdout()), output(process.stderr()), process.exitCode());
        });
    }

    private static byte[] output(List<String> lines) {
        byte[] all = lines.stream()
                .map(line -> line + "\n")
                .collect(Collectors.joining())
                .getBytes(StandardCharsets.UTF_8);
        return Arrays.copyOf(all, Math.min(all.length, ExecResult.MAX_OUTPUT_BYTES));
    }

    SimulatedStreams streams() {
        return streams;
    }

    @Override
    public URI exec(ContainerId container, List<String> command, StreamOptions options) {
        return calls.call("Exec", container, () -> {
            ContainerId found = state.requireRunning("Exec", container).id;
            return prepare("Exec", new SimulatedStreams.Prepared.Exec(found, List.copyOf(command), options));
        });
    }

    @Override
    public URI attach(ContainerId container, StreamOptions options) {
        return calls.call("Attach", container, () -> {
            ContainerId found = state.requireRunning("Attach", container).id;
            return prepare("Attach", new SimulatedStreams.Prepared.Attach(found, options));
        });
    }

    @Override
    public URI portForward(PodSandboxId sandbox, List<Integer> ports) {
        return calls.call("PortForward", sandbox, () -> {
            if (state.sandbox("PortForward", sandbox, each -> each.state) != PodSandboxState.READY) {
                throw new CriException.Failed("PortForward", "sandbox container is not running");
            }
            return prepare("PortForward", new SimulatedStreams.Prepared.PortForward(sandbox, List.copyOf(ports)));
        });
    }

    private URI prepare(String operation, SimulatedStreams.Prepared stream) {
        if (!streams.served()) {
            throw new CriException.Unimplemented(operation, "the simulated runtime has no streaming server");
        }
        return streams.prepare(stream);
    }

    @Override
    public ContainerStats containerStats(ContainerId container) {
        return calls.call(
                "ContainerStats",
                container,
                () -> state.container("ContainerStats", container, each -> SimulatedStats.of(each, calls.clock)));
    }

    @Override
    public List<ContainerStats> listContainerStats(ContainerStatsFilter filter) {
        ContainerFilter which = new ContainerFilter(filter.id(), null, filter.podSandboxId(), filter.labelSelector());
        return calls.call(
                "ListContainerStats", "", () -> state.containers(which, each -> SimulatedStats.of(each, calls.clock)));
    }

    @Override
    public void streamContainerStats(ContainerStatsFilter filter, Consumer<? super ContainerStats> each) {
        listContainerStats(filter).forEach(each);
    }

    @Override
    public PodSandboxStats podSandboxStats(PodSandboxId sandbox) {
        return calls.call(
                "PodSandboxStats",
                sandbox,
                () -> state.sandbox("PodSandboxStats", sandbox, each -> SimulatedStats.of(each, calls.clock)));
    }

    @Override
    public List<PodSandboxStats> listPodSandboxStats(PodSandboxStatsFilter filter) {
        PodSandboxFilter which = new PodSandboxFilter(filter.id(), null, filter.labelSelector());
        return calls.call(
                "ListPodSandboxStats", "", () -> state.sandboxes(which, each -> SimulatedStats.of(each, calls.clock)));
    }

    @Override
    public void streamPodSandboxStats(PodSandboxStatsFilter filter, Consumer<? super PodSandboxStats> each) {
        listPodSandboxStats(filter).forEach(each);
    }

    @Override
    public List<MetricDescriptor> listMetricDescriptors() {
        throw unimplemented("ListMetricDescriptors", "");
    }

    @Override
    public List<PodSandboxMetrics> listPodSandboxMetrics() {
        throw unimplemented("ListPodSandboxMetrics", "");
    }

    @Override
    public void streamPodSandboxMetrics(Consumer<? super PodSandboxMetrics> each) {
        throw unimplemented("StreamPodSandboxMetrics", "");
    }

    @Override
    public EventStream<ContainerEventResponse> containerEvents() {
        return calls.call("GetContainerEvents", "", events::containerEvents);
    }

    private CriException unimplemented(String operation, Object subject) {
        return calls.call(
                operation,
                subject,
                () -> new CriException.Unimplemented(operation, "the simulated runtime has no such call"));
    }
}
