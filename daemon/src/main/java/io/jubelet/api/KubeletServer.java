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
 * Serves pods and logs to other machines: HTTP/1.1 in TLS, read-only, for callers that may have them. Only there when a port is
 * asked for.
 *
 * <p>One thread named {@code kubelet-api} moves bytes. {@link #start} and {@link #close} are called by one thread.
 */
public final class KubeletServer implements AutoCloseable {

    private static final int MOST_CONNECTIONS = 256;

    private final Supplier<Optional<SSLEngine>> tls;
    private final Duration patience;
    private final TcpPort port;

    /**
     * @param tls of each new connection, of a server; empty while there is none. Must not block for long
     * @param patience how long a peer may keep us waiting
     * @param local whose answers are given
     * @param authorizer who judges each request
     * @param logs whether logs of containers are served
     */
    public KubeletServer(
            InetSocketAddress address,
            Supplier<Optional<SSLEngine>> tls,
            Duration patience,
            ApiServer local,
            RequestAuthorizer authorizer,
            boolean logs) {
        this.tls = Objects.requireNonNull(tls, "tls");
        this.patience = Objects.requireNonNull(patience, "patience");
        this.port = new TcpPort(
                "kubelet-api",
                "pods" + (logs ? " and logs" : "") + " to other machines",
                address,
                MOST_CONNECTIONS,
                patience,
                new KubeletEndpoints(local.endpoints(), authorizer, logs),
                () -> tls().map(List::of));
    }

    private Optional<SslHandler> tls() {
        return tls.get().map(engine -> {
            SslHandler handler = new SslHandler(engine);
            handler.setHandshakeTimeoutMillis(patience.toMillis());
            return handler;
        });
    }

    /** Listens, as soon as the port is free. */
    public void start() {
        port.start();
    }

    /** Stops serving and ends all connections. May be called more than once. */
    @Override
    public void close() {
        port.close();
    }
}
