package io.jubelet.cri;

import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Sandboxes and containers of a CRI v1 runtime.
 *
 * <p>All methods block, are meant for virtual threads and may be called by any number of them at once. Every call has a
 * deadline. An interrupt cancels the call at the runtime, as far as it still can. Arguments and results are never null
 * unless said; strings are never null but may be empty.
 *
 * <p>All methods throw {@link CriException}: beside the kinds named at a method, {@link CriException.Unavailable},
 * {@link CriException.DeadlineExceeded}, {@link CriException.Cancelled}, {@link CriException.Unimplemented} and
 * {@link CriException.Failed} may come from any of them.
 */
public interface RuntimeService {
    /** Name and version of the runtime. */
    VersionResponse version();

    /** Whether the runtime and its network are ready; when verbose, with free text about its configuration. */
    StatusResponse status(boolean verbose);

    /** How the runtime is configured, as far as its client must agree with it. Unimplemented before containerd 2.0. */
    RuntimeConfigResponse runtimeConfig();

    /** Hands settings to the runtime; idempotent. */
    void updateRuntimeConfig(RuntimeConfig config);

    /**
     * Makes and starts a sandbox. Not idempotent: a second one with the same metadata is refused.
     *
     * @param runtimeHandler empty for the default handler
     * @throws CriException.AlreadyExists a sandbox of this name exists
     */
    PodSandboxId runPodSandbox(PodSandboxConfig config, String runtimeHandler);

    /** Stops the sandbox and, by force, what still runs in it. Idempotent, also when it does not exist. */
    void stopPodSandbox(PodSandboxId sandbox);

    /** Removes the sandbox and all its containers, by force. Idempotent, also when it does not exist. */
    void removePodSandbox(PodSandboxId sandbox);

    /**
     * The status of one sandbox.
     *
     * @throws CriException.NotFound there is no such sandbox
     */
    PodSandboxStatus podSandboxStatus(PodSandboxId sandbox);

    /**
     * The status of one sandbox with free text about it, which costs the runtime more.
     *
     * @throws CriException.NotFound there is no such sandbox
     */
    PodSandboxStatusResponse podSandboxStatusVerbose(PodSandboxId sandbox);

    /** The sandboxes which satisfy the filter, in no order. */
    List<PodSandbox> listPodSandboxes(PodSandboxFilter filter);

    /** As {@link #listPodSandboxes}, in several messages, for lists larger than one message may be. CRI 1.36. */
    void streamPodSandboxes(PodSandboxFilter filter, Consumer<? super PodSandbox> each);

    /**
     * Changes the resource limits of a sandbox.
     *
     * @param overhead null for no change
     * @param resources null for no change
     * @throws CriException.NotFound there is no such sandbox
     */
    void updatePodSandboxResources(
            PodSandboxId sandbox, LinuxContainerResources overhead, LinuxContainerResources resources);

    /**
     * Makes a container in a sandbox, without starting it. Not idempotent: a second one with the same metadata is
     * refused.
     *
     * @param sandboxConfig the configuration the sandbox was made with
     * @throws CriException.NotFound there is no such sandbox or image
     * @throws CriException.AlreadyExists a container of this name exists
     */
    ContainerId createContainer(PodSandboxId sandbox, ContainerConfig config, PodSandboxConfig sandboxConfig);

    /**
     * Starts a created container. Not idempotent.
     *
     * @throws CriException.NotFound there is no such container
     * @throws CriException.Failed also when it was started before
     */
    void startContainer(ContainerId container);

    /**
     * Stops a container: its stop signal, then, after the timeout, SIGKILL. Idempotent, also when it does not exist.
     *
     * @param timeout in whole seconds, rounded up; zero kills at once
     */
    void stopContainer(ContainerId container, Duration timeout);

    /** Removes a container; a running one is killed. Idempotent, also when it does not exist. */
    void removeContainer(ContainerId container);

    /** The containers which satisfy the filter, in no order. */
    List<Container> listContainers(ContainerFilter filter);

    /** As {@link #listContainers}, in several messages, for lists larger than one message may be. CRI 1.36. */
    void streamContainers(ContainerFilter filter, Consumer<? super Container> each);

    /**
     * The status of one container.
     *
     * @throws CriException.NotFound there is no such container
     */
    ContainerStatus containerStatus(ContainerId container);

    /**
     * The status of one container with free text about it, which costs the runtime more.
     *
     * @throws CriException.NotFound there is no such container
     */
    ContainerStatusResponse containerStatusVerbose(ContainerId container);

    /**
     * Changes the resource limits of a created or running container.
     *
     * @throws CriException.NotFound there is no such container
     */
    void updateContainerResources(ContainerId container, ContainerResources resources, Map<String, String> annotations);

    /**
     * Makes the runtime open the log file anew, after it was renamed.
     *
     * @throws CriException.NotFound there is no such container
     * @throws CriException.Failed also when the container does not run
     */
    void reopenContainerLog(ContainerId container);

    /**
     * Writes a checkpoint of a running container.
     *
     * @param location path of the archive to write
     * @param timeout in whole seconds, rounded up; zero for the default of the runtime
     */
    void checkpointContainer(ContainerId container, String location, Duration timeout);

    /**
     * Runs a command in a running container and waits for its end.
     *
     * @param timeout in whole seconds, rounded up: then the command is killed; zero for no limit but the deadline
     * @throws CriException.NotFound there is no such container
     * @throws CriException.DeadlineExceeded it took longer than the timeout
     * @throws CriException.Failed also when the container does not run or has no such command
     */
    ExecResult execSync(ContainerId container, List<String> command, Duration timeout);

    /** Prepares to run a command in a container; the answer is where to connect for its streams. */
    URI exec(ContainerId container, List<String> command, StreamOptions options);

    /** Prepares to attach to the first process of a container; the answer is where to connect for its streams. */
    URI attach(ContainerId container, StreamOptions options);

    /** Prepares to forward ports of a sandbox; the answer is where to connect. */
    URI portForward(PodSandboxId sandbox, List<Integer> ports);

    /**
     * Resource usage of one container.
     *
     * @throws CriException.NotFound there is no such container
     */
    ContainerStats containerStats(ContainerId container);

    /** Resource usage of the containers which satisfy the filter, in no order. */
    List<ContainerStats> listContainerStats(ContainerStatsFilter filter);

    /** As {@link #listContainerStats}, in several messages. CRI 1.36. */
    void streamContainerStats(ContainerStatsFilter filter, Consumer<? super ContainerStats> each);

    /**
     * Resource usage of one sandbox.
     *
     * @throws CriException.NotFound there is no such sandbox
     */
    PodSandboxStats podSandboxStats(PodSandboxId sandbox);

    /** Resource usage of the sandboxes which satisfy the filter, in no order. */
    List<PodSandboxStats> listPodSandboxStats(PodSandboxStatsFilter filter);

    /** As {@link #listPodSandboxStats}, in several messages. CRI 1.36. */
    void streamPodSandboxStats(PodSandboxStatsFilter filter, Consumer<? super PodSandboxStats> each);

    /** Describes the metrics which {@link #listPodSandboxMetrics} gives. */
    List<MetricDescriptor> listMetricDescriptors();

    /** Metrics of all sandboxes and their containers. */
    List<PodSandboxMetrics> listPodSandboxMetrics();

    /** As {@link #listPodSandboxMetrics}, in several messages. CRI 1.36. */
    void streamPodSandboxMetrics(Consumer<? super PodSandboxMetrics> each);

    /**
     * The events of the CRI. Returns at once: a runtime without them tells when the stream is read. For hints from
     * whatever source there is, see {@link RuntimeEvents}.
     */
    EventStream<ContainerEventResponse> containerEvents();
}
