/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.api;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Serves {@code /healthz} over plain HTTP/1.1, on the port where kubeadm and others expect the
 * health of a kubelet. Used only if a port is configured.
 *
 * <p>One thread named {@code health} does the I/O. {@link #start} and {@link #close} are called by
 * one thread.
 */
public final class HealthPort implements AutoCloseable {

    /** No client is authenticated here, and all of them usually have the same address. */
    static final ConnectionLimiter.Limits CONNECTIONS = new ConnectionLimiter.Limits(0, 64, 64);

    private final Supplier<Optional<String>> health;
    private final TcpPort port;

    /**
     * @param timeout how long to wait for a client to send a request or to read a response
     * @param health empty if the daemon is healthy, otherwise what is wrong; must not block for
     *     long
     */
    public HealthPort(InetSocketAddress address, Duration timeout, Supplier<Optional<String>> health) {
        this.health = Objects.requireNonNull(health, "health");
        this.port = new TcpPort(
                "health",
                "/healthz",
                address,
                CONNECTIONS,
                new Connection.Timeouts(timeout, timeout),
                this::serve,
                Optional.empty());
    }

    private void serve(ApiRequest request, ApiResponse response) throws IOException {
        if (request.path().equals(List.of("healthz", "ping"))) {
            Endpoints.healthz(Optional.empty(), response);
        } else if (request.path().equals(List.of("healthz"))) {
            Endpoints.healthz(health.get(), response);
        } else {
            throw ApiError.notFound("only /healthz and /healthz/ping are served here");
        }
    }

    /** Starts to listen; if the port is in use, as soon as it is free. */
    public void start() {
        port.start();
    }

    /** Stops serving and closes all connections. Further calls have no effect. */
    @Override
    public void close() {
        port.close();
    }
}
