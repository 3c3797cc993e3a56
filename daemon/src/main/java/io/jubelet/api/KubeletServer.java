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

    /**
     * A connection counts as trusted when the first request on it was allowed. All others are many enough for a cluster
     * that connects anew, and few enough that they cost little. One address can be that of an API server that has many
     * users, or of an attacker.
     */
    static final ConnectionLimiter.Limits CONNECTIONS = new ConnectionLimiter.Limits(96, 64, 16);

    /** How long a connection may last without a request that was allowed, or without the next one. */
    static final Duration UNTRUSTED_TIMEOUT = Duration.ofSeconds(10);

    private final Supplier<Optional<SSLEngine>> tls;
    private final Duration handshakeTimeout;
    private final TcpPort port;

    /**
     * @param tls creates the server engine of each new connection; empty while there is no
     *     certificate. Must not block for long
     * @param timeout how long to wait for an authorized client to send a request, and for any client
     *     to read a response; others have at most {@link #UNTRUSTED_TIMEOUT}
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
        this.handshakeTimeout = timeout.compareTo(UNTRUSTED_TIMEOUT) < 0 ? timeout : UNTRUSTED_TIMEOUT;
        this.port = new TcpPort(
                "kubelet-api",
                "pods" + (logs ? " and logs" : "") + " to other machines",
                address,
                CONNECTIONS,
                new Connection.Timeouts(timeout, handshakeTimeout),
                new KubeletEndpoints(local.endpoints(), authorizer, logs),
                () -> tls().map(List::of));
    }

    private Optional<SslHandler> tls() {
        return tls.get().map(engine -> {
            SslHandler handler = new SslHandler(engine);
            handler.setHandshakeTimeoutMillis(handshakeTimeout.toMillis());
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
