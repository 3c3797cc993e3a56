/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cri.simulated;

import io.jubelet.cri.Container;
import io.jubelet.cri.ContainerConfig;
import io.jubelet.cri.ContainerId;
import io.jubelet.cri.ContainerResources;
import io.jubelet.cri.ContainerState;
import io.jubelet.cri.ContainerStatus;
import io.jubelet.cri.LinuxContainerResources;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/** One container. Guarded by the lock of {@link SimulatedState}. */
final class SimulatedContainer {
    final ContainerId id;
    final SimulatedSandbox sandbox;
    final ContainerConfig config;
    final String imageRef;
    final @Nullable Instant createdAt;

    /** The latches of calls that wait for its exit. */
    final List<CountDownLatch> awaitingExit = new ArrayList<>();

    ContainerState state = ContainerState.CREATED;
    /** Whether a call that starts it is under way. */
    boolean starting;

    ContainerResources resources;

    @Nullable
    SimulatedProcess process;

    @Nullable
    Instant startedAt;

    @Nullable
    Instant finishedAt;

    int exitCode;
    String reason = "";
    String message = "";

    SimulatedContainer(
            ContainerId id,
            SimulatedSandbox sandbox,
            ContainerConfig config,
            String imageRef,
            @Nullable Instant createdAt) {
        this.id = id;
        this.sandbox = sandbox;
        this.config = config;
        this.imageRef = imageRef;
        this.createdAt = createdAt;
        LinuxContainerResources limits =
                config.linux() == null ? null : config.linux().resources();
        this.resources = ContainerResources.of(
                limits == null ? LinuxContainerResources.builder().build() : limits);
    }

    String name() {
        return config.metadata().name() + "_" + sandbox.config.metadata().name() + "_"
                + sandbox.config.metadata().namespace() + "_"
                + sandbox.config.metadata().uid() + "_" + config.metadata().attempt();
    }

    /** Returns the path of the log file, or null if there is none. */
    @Nullable
    Path logPath() {
        String directory = sandbox.config.logDirectory();
        return directory.isEmpty() || config.logPath().isEmpty() ? null : Path.of(directory, config.logPath());
    }

    Container listed() {
        return Container.builder()
                .id(id)
                .podSandboxId(sandbox.id)
                .metadata(config.metadata())
                .image(config.image())
                .imageRef(imageRef)
                .imageId(imageRef)
                .state(state)
                .createdAt(createdAt)
                .labels(config.labels())
                .annotations(config.annotations())
                .build();
    }

    ContainerStatus status() {
        Path log = logPath();
        return ContainerStatus.builder()
                .id(id)
                .metadata(config.metadata())
                .state(state)
                .createdAt(createdAt)
                .startedAt(startedAt)
                .finishedAt(finishedAt)
                .exitCode(exitCode)
                .image(config.image())
                .imageRef(imageRef)
                .imageId(imageRef)
                .reason(reason)
                .message(message)
                .labels(config.labels())
                .annotations(config.annotations())
                .mounts(config.mounts())
                .logPath(log == null ? "" : log.toString())
                .resources(resources)
                .stopSignal(config.stopSignal())
                .build();
    }
}
