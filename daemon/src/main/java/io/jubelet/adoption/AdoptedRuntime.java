/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.adoption;

import io.jubelet.cri.Container;
import io.jubelet.cri.ContainerConfig;
import io.jubelet.cri.ContainerEventResponse;
import io.jubelet.cri.ContainerFilter;
import io.jubelet.cri.ContainerId;
import io.jubelet.cri.ContainerResources;
import io.jubelet.cri.ContainerState;
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
import io.jubelet.cri.PodSandboxMetadata;
import io.jubelet.cri.PodSandboxMetrics;
import io.jubelet.cri.PodSandboxState;
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
import io.jubelet.observed.Labels;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A runtime in which the adopted sandboxes of a kubelet, and their containers, have the labels, annotations and UIDs that
 * Jubelet gives to its own. The CRI cannot change them on the runtime.
 *
 * <p>No container is created in an adopted sandbox, because its volumes and cgroup are the kubelet's. When a container that
 * must run has ended, the sandbox shows as ended, so the pod is made anew as a whole. Safe for use by many threads.
 */
final class AdoptedRuntime implements RuntimeService {

    private final RuntimeService runtime;
    private final Adoptions adoptions;

    AdoptedRuntime(RuntimeService runtime, Adoptions adoptions) {
        this.runtime = Objects.requireNonNull(runtime, "runtime");
        this.adoptions = Objects.requireNonNull(adoptions, "adoptions");
    }

    // --- sandboxes

    @Override
    public List<PodSandbox> listPodSandboxes(PodSandboxFilter filter) {
        adoptions.complete();
        adoptions.beginList(filter.labelSelector());
        if (adoptions.isEmpty()) {
            return runtime.listPodSandboxes(filter);
        }
        List<PodSandbox> shown = new ArrayList<>();
        for (PodSandbox sandbox : runtime.listPodSandboxes(
                new PodSandboxFilter(filter.id(), null, withoutOurs(filter.labelSelector())))) {
            PodSandbox seen = adoptions
                    .of(sandbox.id())
                    .map(adopted -> shown(sandbox, adopted))
                    .orElse(sandbox);
            if (matches(seen.labels(), filter.labelSelector())
                    && (filter.state() == null || filter.state() == seen.state())) {
                shown.add(seen);
            }
        }
        return shown;
    }

    @Override
    public void streamPodSandboxes(PodSandboxFilter filter, Consumer<? super PodSandbox> each) {
        adoptions.complete();
        if (adoptions.isEmpty()) {
            runtime.streamPodSandboxes(filter, each);
        } else {
            listPodSandboxes(filter).forEach(each);
        }
    }

    private PodSandbox shown(PodSandbox sandbox, AdoptedPod adopted) {
        return new PodSandbox(
                sandbox.id(),
                shown(sandbox.metadata(), adopted),
                sandbox.state() == PodSandboxState.READY && lives(adopted)
                        ? PodSandboxState.READY
                        : PodSandboxState.NOT_READY,
                sandbox.createdAt(),
                labels(sandbox.labels(), adopted),
                annotations(sandbox.annotations(), adopted),
                sandbox.runtimeHandler());
    }

    /** Whether every container that must run does; of a pod that ends by itself, whether any does. */
    private boolean lives(AdoptedPod adopted) {
        Set<String> running = new HashSet<>();
        Set<String> ended = new HashSet<>();
        for (Container container : runtime.listContainers(ContainerFilter.sandbox(adopted.sandbox()))) {
            String name = container.labels().getOrDefault(Labels.CONTAINER_NAME, "");
            (container.state() == ContainerState.RUNNING ? running : ended).add(name);
        }
        ended.removeAll(running);
        ended.removeAll(adopted.initContainers());
        return adopted.restarts() ? ended.isEmpty() && !running.isEmpty() : !running.isEmpty();
    }

    @Override
    public PodSandboxStatus podSandboxStatus(PodSandboxId sandbox) {
        PodSandboxStatus status = runtime.podSandboxStatus(sandbox);
        return adoptions.of(sandbox).map(adopted -> shown(status, adopted)).orElse(status);
    }

    @Override
    public PodSandboxStatusResponse podSandboxStatusVerbose(PodSandboxId sandbox) {
        PodSandboxStatusResponse response = runtime.podSandboxStatusVerbose(sandbox);
        PodSandboxStatus status = response.status();
        Optional<AdoptedPod> adopted = adoptions.of(sandbox);
        return status == null || adopted.isEmpty()
                ? response
                : new PodSandboxStatusResponse(
                        shown(status, adopted.get()),
                        response.info(),
                        response.containersStatuses(),
                        response.timestamp());
    }

    private static PodSandboxStatus shown(PodSandboxStatus status, AdoptedPod adopted) {
        return new PodSandboxStatus(
                status.id(),
                shown(status.metadata(), adopted),
                status.state(),
                status.createdAt(),
                status.network(),
                status.linux(),
                labels(status.labels(), adopted),
                annotations(status.annotations(), adopted),
                status.runtimeHandler());
    }

    private static PodSandboxMetadata shown(PodSandboxMetadata metadata, AdoptedPod adopted) {
        return new PodSandboxMetadata(metadata.name(), adopted.uid(), metadata.namespace(), metadata.attempt());
    }

    @Override
    public void removePodSandbox(PodSandboxId sandbox) {
        runtime.removePodSandbox(sandbox);
        adoptions.removed(sandbox);
    }

    // --- containers

    /** @throws CriException.NotFound in an adopted sandbox, as if it had gone */
    @Override
    public ContainerId createContainer(PodSandboxId sandbox, ContainerConfig config, PodSandboxConfig sandboxConfig) {
        if (adoptions.of(sandbox).isPresent()) {
            throw new CriException.NotFound(
                    "CreateContainer", "the sandbox is a kubelet's, and the pod is made anew in one of its own");
        }
        return runtime.createContainer(sandbox, config, sandboxConfig);
    }

    @Override
    public List<Container> listContainers(ContainerFilter filter) {
        adoptions.complete();
        if (adoptions.isEmpty()) {
            return runtime.listContainers(filter);
        }
        List<Container> shown = new ArrayList<>();
        for (Container container : runtime.listContainers(new ContainerFilter(
                filter.id(), filter.state(), filter.podSandboxId(), withoutOurs(filter.labelSelector())))) {
            Container seen = adoptions
                    .of(container.podSandboxId())
                    .map(adopted -> shown(container, adopted))
                    .orElse(container);
            if (matches(seen.labels(), filter.labelSelector())) {
                shown.add(seen);
            }
        }
        return shown;
    }

    @Override
    public void streamContainers(ContainerFilter filter, Consumer<? super Container> each) {
        adoptions.complete();
        if (adoptions.isEmpty()) {
            runtime.streamContainers(filter, each);
        } else {
            listContainers(filter).forEach(each);
        }
    }

    private static Container shown(Container container, AdoptedPod adopted) {
        return new Container(
                container.id(),
                container.podSandboxId(),
                container.metadata(),
                container.image(),
                container.imageRef(),
                container.state(),
                container.createdAt(),
                labels(container.labels(), adopted),
                annotations(container.annotations(), adopted),
                container.imageId());
    }

    // --- what they show

    private static Map<String, String> labels(Map<String, String> labels, AdoptedPod adopted) {
        Map<String, String> shown = new HashMap<>(labels);
        shown.put(Labels.NODE, adopted.node());
        shown.put(Labels.POD_UID, adopted.uid());
        return shown;
    }

    private static Map<String, String> annotations(Map<String, String> annotations, AdoptedPod adopted) {
        Map<String, String> shown = new HashMap<>(annotations);
        shown.put(Labels.HASH, adopted.hash().orElse(""));
        shown.put(Labels.MANIFEST, adopted.manifest());
        shown.put(Labels.GRACE_PERIOD, Long.toString(adopted.graceSeconds()));
        return shown;
    }

    /** The labels of a selector that a kubelet's sandboxes have, too. */
    private static Map<String, String> withoutOurs(Map<String, String> selector) {
        Map<String, String> left = new HashMap<>(selector);
        left.remove(Labels.NODE);
        left.remove(Labels.POD_UID);
        return left;
    }

    private static boolean matches(Map<String, String> labels, Map<String, String> selector) {
        return labels.entrySet().containsAll(selector.entrySet());
    }

    // --- unchanged

    @Override
    public VersionResponse version() {
        return runtime.version();
    }

    @Override
    public StatusResponse status(boolean verbose) {
        return runtime.status(verbose);
    }

    @Override
    public RuntimeConfigResponse runtimeConfig() {
        return runtime.runtimeConfig();
    }

    @Override
    public void updateRuntimeConfig(RuntimeConfig config) {
        runtime.updateRuntimeConfig(config);
    }

    @Override
    public PodSandboxId runPodSandbox(PodSandboxConfig config, String runtimeHandler) {
        return runtime.runPodSandbox(config, runtimeHandler);
    }

    @Override
    public void stopPodSandbox(PodSandboxId sandbox) {
        runtime.stopPodSandbox(sandbox);
    }

    @Override
    public void startContainer(ContainerId container) {
        runtime.startContainer(container);
    }

    @Override
    public void stopContainer(ContainerId container, Duration timeout) {
        runtime.stopContainer(container, timeout);
    }

    @Override
    public void removeContainer(ContainerId container) {
        runtime.removeContainer(container);
    }

    @Override
    public void updateContainerResources(
            ContainerId container, ContainerResources resources, Map<String, String> annotations) {
        runtime.updateContainerResources(container, resources, annotations);
    }

    @Override
    public void reopenContainerLog(ContainerId container) {
        runtime.reopenContainerLog(container);
    }

    @Override
    public void checkpointContainer(ContainerId container, String location, Duration timeout) {
        runtime.checkpointContainer(container, location, timeout);
    }

    @Override
    public ExecResult execSync(ContainerId container, List<String> command, Duration timeout) {
        return runtime.execSync(container, command, timeout);
    }

    @Override
    public URI exec(ContainerId container, List<String> command, StreamOptions options) {
        return runtime.exec(container, command, options);
    }

    @Override
    public URI attach(ContainerId container, StreamOptions options) {
        return runtime.attach(container, options);
    }

    @Override
    public URI portForward(PodSandboxId sandbox, List<Integer> ports) {
        return runtime.portForward(sandbox, ports);
    }

    @Override
    public ContainerStats containerStats(ContainerId container) {
        return runtime.containerStats(container);
    }

    @Override
    public List<ContainerStats> listContainerStats(ContainerStatsFilter filter) {
        return runtime.listContainerStats(filter);
    }

    @Override
    public void streamContainerStats(ContainerStatsFilter filter, Consumer<? super ContainerStats> each) {
        runtime.streamContainerStats(filter, each);
    }

    @Override
    public PodSandboxStats podSandboxStats(PodSandboxId sandbox) {
        return runtime.podSandboxStats(sandbox);
    }

    @Override
    public List<PodSandboxStats> listPodSandboxStats(PodSandboxStatsFilter filter) {
        return runtime.listPodSandboxStats(filter);
    }

    @Override
    public void streamPodSandboxStats(PodSandboxStatsFilter filter, Consumer<? super PodSandboxStats> each) {
        runtime.streamPodSandboxStats(filter, each);
    }

    @Override
    public List<MetricDescriptor> listMetricDescriptors() {
        return runtime.listMetricDescriptors();
    }

    @Override
    public List<PodSandboxMetrics> listPodSandboxMetrics() {
        return runtime.listPodSandboxMetrics();
    }

    @Override
    public void streamPodSandboxMetrics(Consumer<? super PodSandboxMetrics> each) {
        runtime.streamPodSandboxMetrics(each);
    }

    @Override
    public EventStream<ContainerEventResponse> containerEvents() {
        return runtime.containerEvents();
    }

    @Override
    public void updatePodSandboxResources(
            PodSandboxId sandbox,
            @Nullable LinuxContainerResources overhead,
            @Nullable LinuxContainerResources resources) {
        runtime.updatePodSandboxResources(sandbox, overhead, resources);
    }

    @Override
    public ContainerStatus containerStatus(ContainerId container) {
        return runtime.containerStatus(container);
    }

    @Override
    public ContainerStatusResponse containerStatusVerbose(ContainerId container) {
        return runtime.containerStatusVerbose(container);
    }
}
