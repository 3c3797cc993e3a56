/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.boot;

import io.jubelet.adoption.Adoptions;
import io.jubelet.concurrent.Threads;
import io.jubelet.config.DaemonConfig;
import io.jubelet.config.NodeConfig;
import io.jubelet.config.RuntimeConfig;
import io.jubelet.cri.Containerd;
import io.jubelet.cri.ImageService;
import io.jubelet.cri.RuntimeEvents;
import io.jubelet.cri.RuntimeService;
import io.jubelet.cri.grpc.CallTimeouts;
import io.jubelet.cri.grpc.CriConnection;
import io.jubelet.cri.simulated.SimulatedClock;
import io.jubelet.cri.simulated.SimulatedRuntime;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The runtime that the configuration names: a socket, or {@code simulated:}.
 *
 * @param runtime its service for sandboxes and containers
 * @param images its service for images
 * @param events its stream of container events
 * @param connections to close at the end; none if the runtime is simulated
 * @param adoptions the pods of a kubelet that {@code runtime} shows as ours; empty if there are none
 */
record Runtimes(
        RuntimeService runtime,
        ImageService images,
        RuntimeEvents events,
        List<CriConnection> connections,
        Optional<Adoptions> adoptions)
        implements AutoCloseable {

    /** The kubelet sets no limit, because the runtime cancels a download without progress. */
    private static final Duration PULL_TIMEOUT = Duration.ofDays(7);

    /**
     * Starts to connect. The runtime does not have to run yet.
     *
     * @throws IOException if it is unknown which pods of a kubelet are ours
     */
    static Runtimes open(DaemonConfig config) throws IOException {
        Runtimes runtimes = connect(config);
        NodeConfig node = config.node();
        if (!node.adoptKubeletPods() && !Files.exists(node.rootDir().resolve(Adoptions.FILE))) {
            return runtimes;
        }
        Adoptions adoptions = Adoptions.open(node.rootDir(), runtimes.runtime());
        return new Runtimes(
                adoptions.runtime(),
                runtimes.images(),
                runtimes.events(),
                runtimes.connections(),
                Optional.of(adoptions));
    }

    private static Runtimes connect(DaemonConfig config) {
        if (config.runtime().endpoint().equals(RuntimeConfig.SIMULATED)) {
            return Simulation.open();
        }
        CallTimeouts timeouts = new CallTimeouts(config.runtime().requestTimeout(), PULL_TIMEOUT);
        List<CriConnection> connections = new ArrayList<>();
        CriConnection runtime = CriConnection.open(config.runtime().endpoint(), timeouts);
        connections.add(runtime);
        Threads.startVirtual("connect", runtime::connect);
        CriConnection images = runtime;
        if (!config.runtime().imageEndpoint().equals(config.runtime().endpoint())) {
            images = CriConnection.open(config.runtime().imageEndpoint(), timeouts);
            connections.add(images);
        }
        return new Runtimes(
                runtime.runtimeService(), images.imageService(), runtime.events(), connections, Optional.empty());
    }

    /** A class of its own, so that a daemon on a real runtime does not load the simulation. */
    private static final class Simulation {
        static Runtimes open() {
            SimulatedRuntime runtime = SimulatedRuntime.createWritingLogs(SimulatedClock.real());
            runtime.images().publishEverything();
            return new Runtimes(
                    runtime.runtimeService(), runtime.imageService(), runtime.events(), List.of(), Optional.empty());
        }
    }

    /** Identifies a run of the runtime: no longer equal after a restart, which makes a new socket. */
    Object incarnation() {
        if (connections.isEmpty()) {
            return List.of();
        }
        try {
            BasicFileAttributes socket =
                    Files.readAttributes(connections.getFirst().socket(), BasicFileAttributes.class);
            return List.of(String.valueOf(socket.fileKey()), socket.lastModifiedTime());
        } catch (IOException _) {
            return new Object(); // not running: query its features again when it is
        }
    }

    /** The API of containerd beyond the CRI, at the image service; empty for the simulation. */
    Optional<Containerd> containerd() {
        return connections.isEmpty()
                ? Optional.empty()
                : Optional.of(connections.getLast().containerd());
    }

    @Override
    public void close() {
        connections.forEach(CriConnection::close);
    }
}
