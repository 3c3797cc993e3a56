/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.api;

import io.netty.handler.ssl.SslHandler;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
import javax.net.ssl.SSLEngine;

/**
 * Serves pods and logs to other machines: HTTP/1.1 over TLS, read-only, for authorized clients.
 * Used only if a port is configured.
 *
 * <p>One thread named {@code kubelet-api} does the I/O. {@link #start} and {@link #close} are
 * called by one thread.
 */
public final class KubeletServer implements AutoCloseable {

    private static final int MAX_CONNECTIONS = 256;

    private final Supplier<Optional<SSLEngine>> tls;
    private final Duration timeout;
    private final TcpPort port;

    /**
     * @param tls creates the server engine of each new connection; empty while there is no
     *     certificate. Must not block for long
     * @param timeout how long to wait for a client to send a request or to read a response
     * @param local the server whose endpoints are served
     * @param authorizer decides about each request
     * @param logs whether the logs of containers are served
     */
    public KubeletServer(
            InetSocketAddress address,
            Supplier<Optional<SSLEngine>> tls,
            Duration timeout,
            ApiServer local,
            RequestAuthorizer authorizer,
            boolean logs) {
        this.tls = Objects.requireNonNull(tls, "tls");
        this.timeout = Objects.requireNonNull(timeout, "timeout");
        this.port = new TcpPort(
                "kubelet-api",
                "pods" + (logs ? " and logs" : "") + " to other machines",
                address,
                MAX_CONNECTIONS,
                timeout,
                new KubeletEndpoints(local.endpoints(), authorizer, logs),
                () -> tls().map(List::of));
    }

    private Optional<SslHandler> tls() {
        return tls.get().map(engine -> {
            SslHandler handler = new SslHandler(engine);
            handler.setHandshakeTimeoutMillis(timeout.toMillis());
            return handler;
        });
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
