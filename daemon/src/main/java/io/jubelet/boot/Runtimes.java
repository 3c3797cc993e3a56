package io.jubelet.boot;

import io.jubelet.concurrent.Threads;
import io.jubelet.config.DaemonConfig;
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
 * @param runtime sandboxes and containers
 * @param images images
 * @param events hints
 * @param connections what to close at the end
 */
record Runtimes(RuntimeService runtime, ImageService images, RuntimeEvents events, List<CriConnection> connections)
        implements AutoCloseable {

    /** The kubelet has no limit; the runtime gives up a download that does not move. */
    private static final Duration LONGEST_PULL = Duration.ofDays(7);

    /** Begins to connect; the runtime need not be there yet. */
    static Runtimes open(DaemonConfig config) {
        if (config.runtime().endpoint().equals(RuntimeConfig.SIMULATED)) {
            return Simulation.open();
        }
        CallTimeouts timeouts = new CallTimeouts(config.runtime().requestTimeout(), LONGEST_PULL);
        List<CriConnection> connections = new ArrayList<>();
        CriConnection runtime = CriConnection.open(config.runtime().endpoint(), timeouts);
        connections.add(runtime);
        Threads.startVirtual("connect", runtime::connect);
        CriConnection images = runtime;
        if (!config.runtime().imageEndpoint().equals(config.runtime().endpoint())) {
            images = CriConnection.open(config.runtime().imageEndpoint(), timeouts);
            connections.add(images);
        }
        return new Runtimes(runtime.runtimeService(), images.imageService(), runtime.events(), connections);
    }

    /** Apart, so that a daemon on a real runtime loads none of it. */
    private static final class Simulation {
        static Runtimes open() {
            SimulatedRuntime runtime = SimulatedRuntime.createWritingLogs(SimulatedClock.real());
            runtime.images().publishEverything();
            return new Runtimes(runtime.runtimeService(), runtime.imageService(), runtime.events(), List.of());
        }
    }

    /** No longer equal when the runtime was started anew: its socket is another one then. */
    Object incarnation() {
        if (connections.isEmpty()) {
            return List.of();
        }
        try {
            BasicFileAttributes socket =
                    Files.readAttributes(connections.getFirst().socket(), BasicFileAttributes.class);
            return List.of(String.valueOf(socket.fileKey()), socket.lastModifiedTime());
        } catch (IOException _) {
            return new Object(); // it is away: what it can do then is asked anew
        }
    }

    /** What the runtime that has the images tells beyond the CRI, if it is containerd; empty for the simulation. */
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
