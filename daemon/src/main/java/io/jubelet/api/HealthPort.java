package io.jubelet.api;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Tells whoever asks for {@code /healthz} whether the daemon is well, and nothing else: plain HTTP/1.1, on the port where kubeadm
 * and others wait for a kubelet. Only there when a port is named.
 *
 * <p>One thread named {@code health} moves bytes. {@link #start} and {@link #close} are called by one thread.
 */
public final class HealthPort implements AutoCloseable {

    private static final int MOST_CONNECTIONS = 64;

    private final Supplier<Optional<String>> health;
    private final TcpPort port;

    /**
     * @param patience how long a peer may keep us waiting
     * @param health empty when all is well, else what is not; must not block for long
     */
    public HealthPort(InetSocketAddress address, Duration patience, Supplier<Optional<String>> health) {
        this.health = Objects.requireNonNull(health, "health");
        this.port = new TcpPort(
                "health", "/healthz", address, MOST_CONNECTIONS, patience, this::serve, () -> Optional.of(List.of()));
    }

    private void serve(ApiRequest request, ApiResponse answer) throws IOException {
        if (!request.path().equals(List.of("healthz"))) {
            throw ApiError.notFound("only /healthz is served here");
        }
        Endpoints.healthz(health.get(), answer);
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
