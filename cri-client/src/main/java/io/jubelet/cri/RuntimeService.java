/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cri;

import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The service of a CRI v1 runtime for sandboxes and containers.
 *
 * <p>All methods block, are thread-safe and are meant for virtual threads. Every call has a
 * deadline. An interrupt cancels the call at the runtime, which can have had its effect by then. A
 * string is never null unless its documentation says so, but can be empty.
 *
 * <p>All methods throw {@link CriException}. In addition to the subclasses that a method documents,
 * each can throw {@link CriException.Unavailable}, {@link CriException.DeadlineExceeded},
 * {@link CriException.Cancelled}, {@link CriException.Unimplemented} and
 * {@link CriException.Failed}.
 */
public interface RuntimeService {
    /** Returns the name and version of the runtime. */
    VersionResponse version();

    /** Returns the conditions of the runtime and its network; if verbose, with diagnostic text. */
    StatusResponse status(boolean verbose);

    /**
     * Returns the configuration that the client has to match. Unimplemented before containerd 2.0.
     */
    RuntimeConfigResponse runtimeConfig();

    /** Changes settings of the runtime. Idempotent. */
    void updateRuntimeConfig(RuntimeConfig config);

    /**
     * Creates and starts a sandbox. Not idempotent: a second one with the same metadata is
     * rejected.
     *
     * @param runtimeHandler empty for the default handler
     * @throws CriException.AlreadyExists if a sandbox with this metadata exists
     */
    PodSandboxId runPodSandbox(PodSandboxConfig config, String runtimeHandler);

    /**
     * Stops a sandbox and kills its running containers. Idempotent: does nothing if it does not
     * exist.
     */
    void stopPodSandbox(PodSandboxId sandbox);

    /**
     * Removes a sandbox and all its containers, by force. Idempotent: does nothing if it does not
     * exist.
     */
    void removePodSandbox(PodSandboxId sandbox);

    /**
     * Returns the status of one sandbox.
     *
     * @throws CriException.NotFound if there is no such sandbox
     */
    PodSandboxStatus podSandboxStatus(PodSandboxId sandbox);

    /**
     * Returns the status of one sandbox with diagnostic text, which is more expensive for the
     * runtime.
     *
     * @throws CriException.NotFound if there is no such sandbox
     */
    PodSandboxStatusResponse podSandboxStatusVerbose(PodSandboxId sandbox);

    /** Returns the sandboxes that match the filter, in no particular order. */
    List<PodSandbox> listPodSandboxes(PodSandboxFilter filter);

    /**
     * Like {@link #listPodSandboxes}, in several messages, for lists that exceed the size of one.
     * Since CRI 1.36.
     */
    void streamPodSandboxes(PodSandboxFilter filter, Consumer<? super PodSandbox> each);

    /**
     * Changes the resource limits of a sandbox.
     *
     * @param overhead null for no change
     * @param resources null for no change
     * @throws CriException.NotFound if there is no such sandbox
     */
    void updatePodSandboxResources(
            PodSandboxId sandbox,
            @Nullable LinuxContainerResources overhead,
            @Nullable LinuxContainerResources resources);

    /**
     * Creates a container in a sandbox, without starting it. Not idempotent: a second one with the
     * same metadata is rejected.
     *
     * @param sandboxConfig the configuration that the sandbox was created with
     * @throws CriException.NotFound if there is no such sandbox or image
     * @throws CriException.AlreadyExists if a container with this metadata exists
     */
    ContainerId createContainer(PodSandboxId sandbox, ContainerConfig config, PodSandboxConfig sandboxConfig);

    /**
     * Starts a created container. Not idempotent.
     *
     * @throws CriException.NotFound if there is no such container
     * @throws CriException.Failed if, among other reasons, it was started before
     */
    void startContainer(ContainerId container);

    /**
     * Stops a container: sends its stop signal and, after the timeout, SIGKILL. Idempotent: does
     * nothing if it does not exist.
     *
     * @param timeout not negative; rounded up to whole seconds; zero kills at once
     */
    void stopContainer(ContainerId container, Duration timeout);

    /**
     * Removes a container; kills it if it is running. Idempotent: does nothing if it does not
     * exist.
     */
    void removeContainer(ContainerId container);

    /** Returns the containers that match the filter, in no particular order. */
    List<Container> listContainers(ContainerFilter filter);

    /**
     * Like {@link #listContainers}, in several messages, for lists that exceed the size of one.
     * Since CRI 1.36.
     */
    void streamContainers(ContainerFilter filter, Consumer<? super Container> each);

    /**
     * Returns the status of one container.
     *
     * @throws CriException.NotFound if there is no such container
     */
    ContainerStatus containerStatus(ContainerId container);

    /**
     * Returns the status of one container with diagnostic text, which is more expensive for the
     * runtime.
     *
     * @throws CriException.NotFound if there is no such container
     */
    ContainerStatusResponse containerStatusVerbose(ContainerId container);

    /**
     * Changes the resource limits of a created or running container.
     *
     * @throws CriException.NotFound if there is no such container
     */
    void updateContainerResources(ContainerId container, ContainerResources resources, Map<String, String> annotations);

    /**
     * Makes the runtime reopen the log file after it was renamed.
     *
     * @throws CriException.NotFound if there is no such container
     * @throws CriException.Failed if, among other reasons, the container is not running
     */
    void reopenContainerLog(ContainerId container);

    /**
     * Writes a checkpoint of a running container.
     *
     * @param location the path of the archive to write
     * @param timeout not negative; rounded up to whole seconds; zero for the default of the runtime
     */
    void checkpointContainer(ContainerId container, String location, Duration timeout);

    /**
     * Runs a command in a running container and waits until it exits. The output of the command
     * can be of any size; the result contains the first {@link ExecResult#MAX_OUTPUT_BYTES} bytes of
     * it.
     *
     * @param timeout after which the command is killed; not negative; rounded up to whole seconds;
     *     zero for the deadline of the call only
     * @throws CriException.NotFound if there is no such container
     * @throws CriException.DeadlineExceeded if the command exceeded the timeout
     * @throws CriException.Failed if, among other reasons, the container is not running or has no
     *     such command
     */
    ExecResult execSync(ContainerId container, List<String> command, Duration timeout);

    /**
     * Prepares to run a command in a running container; returns the URL of its streams, which is valid once and for a short
     * time. The command starts when a client has connected to it.
     *
     * @throws CriException.NotFound if there is no such container
     * @throws CriException.Failed if, among other reasons, the container is not running
     */
    URI exec(ContainerId container, List<String> command, StreamOptions options);

    /**
     * Prepares to attach to the first process of a running container; returns the URL of its streams, as {@link #exec} does.
     *
     * @throws CriException.NotFound if there is no such container
     * @throws CriException.Failed if, among other reasons, the container is not running
     */
    URI attach(ContainerId container, StreamOptions options);

    /**
     * Prepares to forward ports of a sandbox; returns the URL to connect to, as {@link #exec} does.
     *
     * @param ports needed for a connection by WebSocket; by SPDY each stream names its port
     * @throws CriException.NotFound if there is no such sandbox
     * @throws CriException.Failed if, among other reasons, the sandbox is not ready
     */
    URI portForward(PodSandboxId sandbox, List<Integer> ports);

    /**
     * Returns the resource usage of one container.
     *
     * @throws CriException.NotFound if there is no such container
     */
    ContainerStats containerStats(ContainerId container);

    /**
     * Returns the resource usage of the containers that match the filter, in no particular order.
     */
    List<ContainerStats> listContainerStats(ContainerStatsFilter filter);

    /** Like {@link #listContainerStats}, in several messages. Since CRI 1.36. */
    void streamContainerStats(ContainerStatsFilter filter, Consumer<? super ContainerStats> each);

    /**
     * Returns the resource usage of one sandbox.
     *
     * @throws CriException.NotFound if there is no such sandbox
     */
    PodSandboxStats podSandboxStats(PodSandboxId sandbox);

    /**
     * Returns the resource usage of the sandboxes that match the filter, in no particular order.
     */
    List<PodSandboxStats> listPodSandboxStats(PodSandboxStatsFilter filter);

    /** Like {@link #listPodSandboxStats}, in several messages. Since CRI 1.36. */
    void streamPodSandboxStats(PodSandboxStatsFilter filter, Consumer<? super PodSandboxStats> each);

    /** Returns the descriptions of the metrics that {@link #listPodSandboxMetrics} returns. */
    List<MetricDescriptor> listMetricDescriptors();

    /** Returns the metrics of all sandboxes and their containers. */
    List<PodSandboxMetrics> listPodSandboxMetrics();

    /** Like {@link #listPodSandboxMetrics}, in several messages. Since CRI 1.36. */
    void streamPodSandboxMetrics(Consumer<? super PodSandboxMetrics> each);

    /**
     * Opens the event stream of the CRI. Returns at once; if the runtime does not implement it,
     * reading the stream throws {@link CriException.Unimplemented}. {@link RuntimeEvents} has hints
     * from any source of the runtime.
     */
    EventStream<ContainerEventResponse> containerEvents();
}
