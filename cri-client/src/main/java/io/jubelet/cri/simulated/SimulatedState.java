/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cri.simulated;

import io.jubelet.cri.ContainerConfig;
import io.jubelet.cri.ContainerEventType;
import io.jubelet.cri.ContainerFilter;
import io.jubelet.cri.ContainerId;
import io.jubelet.cri.ContainerResources;
import io.jubelet.cri.ContainerState;
import io.jubelet.cri.CriException;
import io.jubelet.cri.PodSandboxConfig;
import io.jubelet.cri.PodSandboxFilter;
import io.jubelet.cri.PodSandboxId;
import io.jubelet.cri.PodSandboxState;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * All sandboxes and containers, guarded by the monitor of this object. No method blocks otherwise.
 */
final class SimulatedState {
    private final SimulatedClock clock;
    private final SimulatedTimestamps timestamps;
    private final SimulatedEvents events;
    private final SimulatedLogs logs;
    private final Map<PodSandboxId, SimulatedSandbox> sandboxes = new LinkedHashMap<>();
    private final Map<ContainerId, SimulatedContainer> containers = new LinkedHashMap<>();
    private final LabelIndex<SimulatedSandbox> sandboxLabels = new LabelIndex<>();
    private final LabelIndex<SimulatedContainer> containerLabels = new LabelIndex<>();
    private final Map<String, String> sandboxNames = new HashMap<>();
    private final Map<String, String> containerNames = new HashMap<>();
    private long created;

    SimulatedState(SimulatedClock clock, SimulatedTimestamps timestamps, SimulatedEvents events, SimulatedLogs logs) {
        this.clock = clock;
        this.timestamps = timestamps;
        this.events = events;
        this.logs = logs;
    }

    synchronized PodSandboxId run(PodSandboxConfig config, String runtimeHandler) {
        PodSandboxId id = new PodSandboxId(nextId());
        String name = SimulatedSandbox.name(config.metadata());
        reserve(sandboxNames, name, id.value(), "RunPodSandbox", "sandbox");
        String ip = "10.88." + (created >> 8 & 255) + "." + (created & 255);
        SimulatedSandbox sandbox = new SimulatedSandbox(id, config, runtimeHandler, timestamps.taken(), ip);
        sandboxes.put(id, sandbox);
        sandboxLabels.add(sandbox, config.labels());
        events.publish(ContainerEventType.CREATED, sandbox);
        events.publish(ContainerEventType.STARTED, sandbox);
        return id;
    }

    synchronized void stop(PodSandboxId id) {
        SimulatedSandbox sandbox = sandboxes.get(id);
        if (sandbox != null && !sandbox.stopped) {
            for (SimulatedContainer container : sandbox.containers) {
                exit(container, 137, "Error");
            }
            sandbox.stopped = true;
            markNotReady(sandbox);
        }
    }

    private void markNotReady(SimulatedSandbox sandbox) {
        if (sandbox.state == PodSandboxState.READY) {
            sandbox.state = PodSandboxState.NOT_READY;
            events.publish(ContainerEventType.STOPPED, sandbox);
        }
    }

    synchronized void remove(PodSandboxId id) {
        stop(id);
        SimulatedSandbox sandbox = sandboxes.remove(id);
        if (sandbox != null) {
            for (SimulatedContainer container : List.copyOf(sandbox.containers)) {
                remove(container.id);
            }
            sandboxLabels.remove(sandbox, sandbox.config.labels());
            sandboxNames.remove(SimulatedSandbox.name(sandbox.config.metadata()));
            events.publish(ContainerEventType.DELETED, sandbox);
        }
    }

    synchronized void killSandbox(PodSandboxId id) {
        markNotReady(sandbox("kill", id));
    }

    /**
     * @param imageRef null if there is no such image
     */
    synchronized ContainerId create(PodSandboxId sandboxId, ContainerConfig config, @Nullable String imageRef) {
        SimulatedSandbox sandbox = sandbox("CreateContainer", sandboxId);
        if (sandbox.state != PodSandboxState.READY) {
            throw new CriException.NotFound(
                    "CreateContainer", "failed to get sandbox container task: no running task found");
        }
        if (imageRef == null) {
            throw new CriException.NotFound(
                    "CreateContainer",
                    "failed to resolve image \"" + config.image().image() + "\": not found");
        }
        ContainerId id = new ContainerId(nextId());
        SimulatedContainer container = new SimulatedContainer(id, sandbox, config, imageRef, timestamps.taken());
        reserve(containerNames, container.name(), id.value(), "CreateContainer", "container");
        containers.put(id, container);
        sandbox.containers.add(container);
        containerLabels.add(container, config.labels());
        events.publish(ContainerEventType.CREATED, container);
        return id;
    }

    synchronized void start(ContainerId id, Function<ContainerConfig, SimulatedProcess> behaviour) {
        SimulatedContainer container = container("StartContainer", id);
        if (container.state != ContainerState.CREATED) {
            throw new CriException.Failed("StartContainer", "container is in CONTAINER_" + container.state + " state");
        }
        if (container.starting) {
            throw new CriException.Failed("StartContainer", "container is already in starting state");
        }
        if (container.sandbox.state != PodSandboxState.READY) {
            throw new CriException.Failed(
                    "StartContainer", "sandbox container \"" + container.sandbox.id + "\" is not running");
        }
        container.process = behaviour.apply(container.config);
        if (container.process.startError() != null) {
            container.message = container.process.startError();
            container.state = ContainerState.RUNNING;
            exit(container, 128, "StartError");
            throw new CriException.Failed(
                    "StartContainer", "failed to create containerd task: " + container.process.startError());
        }
        container.startedAt = timestamps.taken();
        container.state = ContainerState.RUNNING;
        logs.write(container.logPath(), timestamps.instant(), container.process);
        events.publish(ContainerEventType.STARTED, container);
        if (container.process.runsFor() != null) {
            int code = container.process.exitCode();
            clock.schedule(
                    clock.instant().plus(container.process.runsFor()),
                    () -> exit(container, code, code == 0 ? "Completed" : "Error"));
        }
    }

    synchronized void abandonStart(ContainerId id) {
        SimulatedContainer container = container("StartContainer", id);
        container.starting = container.state == ContainerState.CREATED;
    }

    synchronized void interruptStart(ContainerId id) {
        SimulatedContainer container = container("StartContainer", id);
        container.starting = false;
        if (container.state == ContainerState.CREATED) {
            container.state = ContainerState.RUNNING;
            container.message = "failed to create containerd task: context canceled";
            exit(container, 128, "StartError");
        }
    }

    /** Ends the process of a container; does nothing if it is not running. */
    synchronized void exit(SimulatedContainer container, int code, String reason) {
        if (container.state == ContainerState.RUNNING) {
            container.state = ContainerState.EXITED;
            container.finishedAt = timestamps.taken();
            container.exitCode = code;
            container.reason = reason;
            container.awaitingExit.forEach(CountDownLatch::countDown);
            container.awaitingExit.clear();
            events.publish(ContainerEventType.STOPPED, container);
        }
    }

    /**
     * Returns a latch that is counted down when the process exits; it is open if the process is not
     * running.
     */
    synchronized CountDownLatch exitOf(SimulatedContainer container) {
        CountDownLatch latch = new CountDownLatch(container.state == ContainerState.RUNNING ? 1 : 0);
        container.awaitingExit.add(latch);
        return latch;
    }

    synchronized void kill(ContainerId id, int code, String reason) {
        exit(container("kill", id), code, reason);
    }

    synchronized void oomKill(ContainerId id) {
        SimulatedContainer container = container("kill", id);
        exit(container, 137, "OOMKilled");
        if (container.exitCode == 137) {
            container.reason = "OOMKilled";
        }
    }

    synchronized void remove(ContainerId id) {
        SimulatedContainer container = containers.get(id);
        if (container != null) {
            exit(container, 137, "Error");
            containers.remove(id);
            container.sandbox.containers.remove(container);
            containerLabels.remove(container, container.config.labels());
            containerNames.remove(container.name());
            events.publish(ContainerEventType.DELETED, container);
        }
    }

    synchronized void update(ContainerId id, ContainerResources resources) {
        SimulatedContainer container = container("UpdateContainerResources", id);
        if (container.state == ContainerState.EXITED) {
            throw new CriException.Failed("UpdateContainerResources", "container is in CONTAINER_EXITED state");
        }
        container.resources = resources;
    }

    /** Returns the container, or null if it does not exist or is not running. */
    synchronized @Nullable SimulatedContainer running(ContainerId id) {
        SimulatedContainer container = containers.get(id);
        return container != null && container.state == ContainerState.RUNNING ? container : null;
    }

    synchronized SimulatedContainer requireRunning(String operation, ContainerId id) {
        SimulatedContainer container = container(operation, id);
        if (container.state != ContainerState.RUNNING) {
            throw new CriException.Failed(operation, "container is in CONTAINER_" + container.state + " state");
        }
        return container;
    }

    synchronized <T> List<T> sandboxes(PodSandboxFilter filter, Function<SimulatedSandbox, T> view) {
        Collection<SimulatedSandbox> candidates = filter.id() == null
                ? sandboxLabels.candidates(filter.labelSelector(), sandboxes.values())
                : present(sandboxes.get(filter.id()));
        List<T> found = new ArrayList<>();
        for (SimulatedSandbox sandbox : candidates) {
            if ((filter.state() == null || filter.state() == sandbox.state)
                    && sandbox.config
                            .labels()
                            .entrySet()
                            .containsAll(filter.labelSelector().entrySet())) {
                found.add(view.apply(sandbox));
            }
        }
        return found;
    }

    synchronized <T> List<T> containers(ContainerFilter filter, Function<SimulatedContainer, T> view) {
        List<T> found = new ArrayList<>();
        for (SimulatedContainer container : candidates(filter)) {
            if ((filter.state() == null || filter.state() == container.state)
                    && (filter.podSandboxId() == null || filter.podSandboxId().equals(container.sandbox.id))
                    && container
                            .config
                            .labels()
                            .entrySet()
                            .containsAll(filter.labelSelector().entrySet())) {
                found.add(view.apply(container));
            }
        }
        return found;
    }

    private Collection<SimulatedContainer> candidates(ContainerFilter filter) {
        if (filter.id() != null) {
            return present(containers.get(filter.id()));
        }
        if (filter.podSandboxId() != null) {
            SimulatedSandbox sandbox = sandboxes.get(filter.podSandboxId());
            return sandbox == null ? List.of() : sandbox.containers;
        }
        return containerLabels.candidates(filter.labelSelector(), containers.values());
    }

    private static <T> List<T> present(@Nullable T item) {
        return item == null ? List.of() : List.of(item);
    }

    synchronized <T> T sandbox(String operation, PodSandboxId id, Function<SimulatedSandbox, T> view) {
        return view.apply(sandbox(operation, id));
    }

    synchronized <T> T container(String operation, ContainerId id, Function<SimulatedContainer, T> view) {
        return view.apply(container(operation, id));
    }

    private SimulatedSandbox sandbox(String operation, PodSandboxId id) {
        SimulatedSandbox sandbox = sandboxes.get(Objects.requireNonNull(id));
        if (sandbox == null) {
            throw new CriException.NotFound(
                    operation, "an error occurred when try to find sandbox \"" + id + "\": not found");
        }
        return sandbox;
    }

    private SimulatedContainer container(String operation, ContainerId id) {
        SimulatedContainer container = containers.get(Objects.requireNonNull(id));
        if (container == null) {
            throw new CriException.NotFound(
                    operation, "an error occurred when try to find container \"" + id + "\": not found");
        }
        return container;
    }

    private static void reserve(Map<String, String> names, String name, String id, String operation, String kind) {
        String owner = names.putIfAbsent(name, id);
        if (owner != null) {
            throw new CriException.AlreadyExists(
                    operation,
                    "failed to reserve " + kind + " name \"" + name + "\": name \"" + name + "\" is reserved for \""
                            + owner + "\"");
        }
    }

    /** Returns a unique id of 64 hexadecimal digits; the sequence is the same in every run. */
    private String nextId() {
        return SimulatedIds.of(++created);
    }
}
