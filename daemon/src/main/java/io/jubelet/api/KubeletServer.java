/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.api;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
import javax.net.ssl.SSLEngine;

/**
 * Serves the paths of the kubelet to other machines over HTTP/1.1: with TLS for authorized clients, or the read-only part of
 * them to everyone. Used only if a port is configured.
 *
 * <p>One thread named {@code kubelet-api} or {@code read-only} does the I/O. {@link #start} and {@link #close} are called by one
 * thread.
 */
public final class KubeletServer implements AutoCloseable {

    /**
     * A connection counts as trusted when the first request on it was allowed. All others are many enough for a cluster
     * that connects anew, and few enough that they cost little. One address can be that of an API server that has many
     * users, or of an attacker.
     */
    static final ConnectionLimiter.Limits CONNECTIONS = new ConnectionLimiter.Limits(192, 64, 16);

    /** Of the read-only port, where no client is authenticated. */
    static final ConnectionLimiter.Limits READ_ONLY_CONNECTIONS = new ConnectionLimiter.Limits(0, 64, 16);

    /** How long a connection may last without a request that was allowed, or without the next one. */
    static final Duration UNTRUSTED_TIMEOUT = Duration.ofSeconds(10);

    private final TcpPort port;

    /**
     * What is served besides health and pods.
     *
     * @param debugging whether that is more than measurements, as the kubelet's debugging handlers are
     * @param byPath handlers, by the first segment of the path
     */
    public record Handlers(boolean debugging, Map<String, RequestHandler> byPath) {
        public Handlers {
            byPath = Map.copyOf(byPath);
        }
    }

    /**
     * A server that authorizes its clients.
     *
     * @param tls creates the server engine of a connection when its client has begun to send; empty while there is no
     *     certificate. Must not block for long
     * @param timeout how long to wait for an authorized client to send a request, and for any client
     *     to read a response; others have at most {@link #UNTRUSTED_TIMEOUT}
     * @param local the server whose endpoints are served
     * @param authorizer decides about each request
     */
    public KubeletServer(
            InetSocketAddress address,
            Supplier<Optional<SSLEngine>> tls,
            Duration timeout,
            ApiServer local,
            RequestAuthorizer authorizer,
            Handlers handlers) {
        Objects.requireNonNull(tls, "tls");
        Duration handshakeTimeout = timeout.compareTo(UNTRUSTED_TIMEOUT) < 0 ? timeout : UNTRUSTED_TIMEOUT;
        this.port = new TcpPort(
                "kubelet-api",
                "pods" + (handlers.debugging() ? " and logs" : "") + " to other machines",
                address,
                CONNECTIONS,
                new Connection.Timeouts(timeout, handshakeTimeout),
                new KubeletEndpoints(
                        local.endpoints(), Optional.of(authorizer), handlers.debugging(), handlers.byPath()),
                Optional.of(tls));
    }

    private KubeletServer(InetSocketAddress address, Duration timeout, RequestHandler handler) {
        this.port = new TcpPort(
                "read-only",
                "health and pods without authentication",
                address,
                READ_ONLY_CONNECTIONS,
                new Connection.Timeouts(timeout, timeout),
                handler,
                Optional.empty());
    }

    /**
     * A server without TLS that serves health, pods and measurements to everyone.
     *
     * @param timeout how long to wait for a client to send a request or to read a response
     * @param local the server whose endpoints are served
     * @param byPath handlers of measurements, by the first segment of the path; others are not served
     */
    public static KubeletServer readOnly(
            InetSocketAddress address, Duration timeout, ApiServer local, Map<String, RequestHandler> byPath) {
        return new KubeletServer(
                address, timeout, new KubeletEndpoints(local.endpoints(), Optional.empty(), false, byPath));
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
