/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cri.grpc;

import io.jubelet.cri.Containerd;
import io.jubelet.cri.ImageService;
import io.jubelet.cri.RuntimeEvents;
import io.jubelet.cri.RuntimeService;
import io.jubelet.cri.http2.ConnectionLimits;
import io.jubelet.cri.http2.GrpcClient;
import io.jubelet.cri.http2.IoThread;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;

/**
 * A connection to a CRI runtime. The first call connects, and so does the first call after the
 * connection broke. While the runtime is down, calls fail at once with
 * {@link io.jubelet.cri.CriException.Unavailable}. Thread-safe.
 */
public final class CriConnection implements AutoCloseable {
    private static final String UNIX = "unix://";

    /** The containerd namespace in which its CRI service keeps containers and images. */
    private static final String CRI_NAMESPACE = "k8s.io";

    private final Path socket;
    private final IoThread io = new IoThread("cri-io");
    private final GrpcClient client;
    private final RuntimeService runtimeService;
    private final ImageService imageService;
    private final RuntimeEvents events;
    private final CallTimeouts timeouts;

    private CriConnection(Path socket, CallTimeouts timeouts) {
        this.socket = socket;
        this.timeouts = timeouts;
        this.client = new GrpcClient(
                io, UnixDomainSocketAddress.of(socket), "localhost", "jubelet", ConnectionLimits.ONE_CONNECTION);
        GrpcStub runtime = new GrpcStub(client, "runtime.v1.RuntimeService", timeouts.request());
        this.runtimeService = new GrpcRuntimeService(runtime, timeouts.request());
        this.imageService =
                new GrpcImageService(new GrpcStub(client, "runtime.v1.ImageService", timeouts.request()), timeouts);
        this.events = new GrpcRuntimeEvents(
                runtime, new GrpcStub(client, "containerd.services.events.v1.Events", timeouts.request()));
    }

    /**
     * Creates a connection with {@linkplain CallTimeouts#defaults() default} timeouts. It does not
     * connect yet, and the socket does not have to exist.
     *
     * @param endpoint {@code unix:///path} or an absolute path
     * @throws IllegalArgumentException if the endpoint is neither
     */
    public static CriConnection open(String endpoint) {
        return open(endpoint, CallTimeouts.defaults());
    }

    /** Like {@link #open(String)}, with the given timeouts. */
    public static CriConnection open(String endpoint, CallTimeouts timeouts) {
        return open(socketOf(endpoint), timeouts);
    }

    /**
     * Like {@link #open(String, CallTimeouts)}, for the path of a socket.
     *
     * @throws IllegalArgumentException if the path is relative
     */
    public static CriConnection open(Path socket, CallTimeouts timeouts) {
        if (!socket.isAbsolute()) {
            throw new IllegalArgumentException("the path of a socket must be absolute: " + socket);
        }
        return new CriConnection(socket, timeouts);
    }

    private static Path socketOf(String endpoint) {
        String path = endpoint.startsWith(UNIX) ? endpoint.substring(UNIX.length()) : endpoint;
        if (!path.startsWith("/")) {
            throw new IllegalArgumentException(
                    "invalid CRI endpoint, want unix:///path/of/socket or an absolute path: " + endpoint);
        }
        return Path.of(path);
    }

    /**
     * Starts to connect in the background, so that the first call does not have to wait. The first
     * connection of a process takes about 50 ms. A failure has no effect.
     */
    public void connect() {
        client.connect();
    }

    /** Returns the path of the socket of the runtime. */
    public Path socket() {
        return socket;
    }

    /** Returns the service for sandboxes and containers. */
    public RuntimeService runtimeService() {
        return runtimeService;
    }

    /** Returns the service for images. */
    public ImageService imageService() {
        return imageService;
    }

    /** Returns the source of event hints. */
    public RuntimeEvents events() {
        return events;
    }

    /**
     * Returns a new client of the services of containerd itself, which another runtime does not
     * have.
     */
    public Containerd containerd() {
        return new GrpcContainerd(
                new GrpcStub(client, "containerd.services.content.v1.Content", timeouts.request(), CRI_NAMESPACE),
                new GrpcStub(
                        client, "containerd.services.containers.v1.Containers", timeouts.request(), CRI_NAMESPACE));
    }

    /**
     * Ends the thread, and all calls and streams, which fail as unavailable. Closing again does
     * nothing.
     */
    @Override
    public void close() {
        client.close();
        io.close();
    }
}
