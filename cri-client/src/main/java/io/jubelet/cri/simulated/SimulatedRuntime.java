/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cri.simulated;

import io.jubelet.cri.Container;
import io.jubelet.cri.ContainerConfig;
import io.jubelet.cri.ContainerFilter;
import io.jubelet.cri.ContainerId;
import io.jubelet.cri.ContainerState;
import io.jubelet.cri.ImageService;
import io.jubelet.cri.PodSandbox;
import io.jubelet.cri.PodSandboxFilter;
import io.jubelet.cri.PodSandboxId;
import io.jubelet.cri.RuntimeEvents;
import io.jubelet.cri.RuntimeService;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/**
 * A container runtime in memory. Its services behave like those of containerd; the other methods
 * simulate what happens to a runtime from outside: processes die, images are published, connections
 * break. Thread-safe.
 *
 * <p>The command line of a container determines what it does:
 * {@code sh -c "echo hello; sleep 5; exit 3"} does this in simulated time, and a command that is
 * not one of a few shell commands runs until it is stopped.
 * {@link #behaviour(String, ProcessBehaviour)} sets another behaviour.
 */
public final class SimulatedRuntime {
    private final SimulatedTimestamps timestamps;
    private final SimulatedCalls calls;
    private final SimulatedState state;
    private final SimulatedImages images = new SimulatedImages();
    private final SimulatedEvents events;
    private final SimulatedRuntimeService runtimeService;
    private final SimulatedImageService imageService;
    private final Map<String, ProcessBehaviour> behaviours = new ConcurrentHashMap<>();
    private final ProcessBehaviour shell = new ShellBehaviour();

    private SimulatedRuntime(SimulatedClock clock, boolean writingLogs) {
        SimulatedLogs logs = new SimulatedLogs(writingLogs);
        timestamps = new SimulatedTimestamps(clock);
        calls = new SimulatedCalls(clock);
        events = new SimulatedEvents(clock);
        state = new SimulatedState(clock, timestamps, events, logs);
        runtimeService = new SimulatedRuntimeService(calls, state, images, events, logs, this::behaviour);
        imageService = new SimulatedImageService(calls, images);
    }

    /** Creates a runtime without sandboxes and images, which writes no logs. */
    public static SimulatedRuntime create(SimulatedClock clock) {
        return new SimulatedRuntime(clock, false);
    }

    /** Like {@link #create}; the runtime writes container logs to log directories that exist. */
    public static SimulatedRuntime createWritingLogs(SimulatedClock clock) {
        return new SimulatedRuntime(clock, true);
    }

    /** Returns the service for sandboxes and containers. */
    public RuntimeService runtimeService() {
        return runtimeService;
    }

    /** Returns the streams that were prepared. */
    public SimulatedStreams streams() {
        return runtimeService.streams();
    }

    /** Returns the service for images. */
    public ImageService imageService() {
        return imageService;
    }

    /** Returns the source of event hints. */
    public RuntimeEvents events() {
        return events;
    }

    /** Returns the images of the registries and of the runtime. */
    public SimulatedImages images() {
        return images;
    }

    /** Returns the clock that the times of sandboxes and containers are taken from. */
    public SimulatedTimestamps timestamps() {
        return timestamps;
    }

    /** Returns the injector of faults into calls. */
    public FaultInjector faults() {
        return calls.faults;
    }

    /**
     * Sets the hook that is called at each phase of each call, on the thread of the caller and
     * without a lock. The hook can block or throw. Replaces the previous hook.
     */
    public void onCall(Consumer<SimulatedCall> hook) {
        calls.hook(hook);
    }

    /** Sets how long every call takes in simulated time before it has its effect. */
    public void latency(Duration duration) {
        calls.latency(duration);
    }

    /** Sets how long the calls of one operation, by its CRI name, take. */
    public void latency(String operation, Duration duration) {
        calls.latency(operation, duration);
    }

    /**
     * Sets the behaviour of the processes of an image, which is named as in the container
     * configuration.
     */
    public void behaviour(String image, ProcessBehaviour behaviour) {
        behaviours.put(image, behaviour);
    }

    private ProcessBehaviour behaviour(ContainerConfig config) {
        return behaviours.getOrDefault(config.image().image(), shell);
    }

    /** Ends the process of a container; does nothing if it is not running. */
    public void exit(ContainerId container, int exitCode) {
        state.kill(container, exitCode, exitCode == 0 ? "Completed" : "Error");
    }

    /**
     * Kills the process of a container as the OOM killer of the kernel does. If it was killed
     * already, only the reason changes, because containerd receives the exit and the OOM event
     * separately.
     */
    public void oomKill(ContainerId container) {
        state.oomKill(container);
    }

    /**
     * Leaves a container as when the client that requested its start has gone, and the runtime has not ended the call yet: other
     * starts are rejected until {@link #interruptStart}. Does nothing if it has been started.
     */
    public void abandonStart(ContainerId container) {
        state.abandonStart(container);
    }

    /**
     * Fails the start of a container as when the connection of the client that requested it is lost: the container never runs.
     * Does nothing if it has been started.
     */
    public void interruptStart(ContainerId container) {
        state.interruptStart(container);
    }

    /** Ends the process of the sandbox itself; its containers keep running. */
    public void killSandbox(PodSandboxId sandbox) {
        state.killSandbox(sandbox);
    }

    /**
     * Takes the runtime down: streams break, calls fail as unavailable, containers keep running.
     */
    public void goDown() {
        calls.down(true);
        events.down(true);
    }

    /** Brings the runtime back up with its state from before. */
    public void comeBack() {
        events.down(false);
        calls.down(false);
    }

    /** Sets whether events are dropped while streams stay open. */
    public void dropEvents(boolean lose) {
        events.silent(lose);
    }

    /** Sets whether the runtime supports event streams; open streams stay open. */
    public void supportEvents(boolean have) {
        events.missing(!have);
    }

    /** Sets the {@code NetworkReady} condition of the status. */
    public void networkReady(boolean ready) {
        runtimeService.networkReady(ready);
    }

    /** Returns all sandboxes without a call. */
    public List<PodSandbox> sandboxes() {
        return state.sandboxes(PodSandboxFilter.all(), SimulatedSandbox::listed);
    }

    /** Returns all containers without a call. */
    public List<Container> containers() {
        return state.containers(ContainerFilter.all(), SimulatedContainer::listed);
    }

    /** Returns the exit code of a container without a call; empty if it has not ended. */
    public OptionalInt exitCode(ContainerId container) {
        return state.container(
                "ContainerStatus",
                container,
                c -> c.state == ContainerState.EXITED ? OptionalInt.of(c.exitCode) : OptionalInt.empty());
    }
}
