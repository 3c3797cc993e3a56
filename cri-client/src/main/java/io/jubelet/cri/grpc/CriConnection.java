package io.jubelet.cri.grpc;

import io.jubelet.cri.Containerd;
import io.jubelet.cri.ImageService;
import io.jubelet.cri.RuntimeEvents;
import io.jubelet.cri.RuntimeService;
import io.jubelet.cri.http2.GrpcClient;
import io.jubelet.cri.http2.IoThread;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;

/**
 * A connection to a CRI runtime. It connects with the first call, and anew with the next call after the runtime went
 * away: a call made while the runtime is down fails at once as unavailable, one made after it came back succeeds. May
 * be used by any thread.
 */
public final class CriConnection implements AutoCloseable {
    private static final String UNIX = "unix://";

    /** Where the CRI service of containerd keeps its containers and images. */
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
        this.client = new GrpcClient(io, UnixDomainSocketAddress.of(socket), "localhost", "jubelet");
        GrpcStub runtime = new GrpcStub(client, "runtime.v1.RuntimeService", timeouts.request());
        this.runtimeService = new GrpcRuntimeService(runtime, timeouts.request());
        this.imageService =
                new GrpcImageService(new GrpcStub(client, "runtime.v1.ImageService", timeouts.request()), timeouts);
        this.events = new GrpcRuntimeEvents(
                runtime, new GrpcStub(client, "containerd.services.events.v1.Events", timeouts.request()));
    }

    /**
     * A connection with {@linkplain CallTimeouts#defaults() default} timeouts. Nothing is sent yet, and the socket need
     * not exist yet.
     *
     * @param endpoint {@code unix:///path} or an absolute path
     * @throws IllegalArgumentException the endpoint is neither
     */
    public static CriConnection open(String endpoint) {
        return open(endpoint, CallTimeouts.defaults());
    }

    /** As {@link #open(String)}, with other timeouts. */
    public static CriConnection open(String endpoint, CallTimeouts timeouts) {
        return open(socketOf(endpoint), timeouts);
    }

    /** As {@link #open(String, CallTimeouts)}, for an absolute path. */
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
                    "a CRI endpoint is unix:///path/of/socket or an absolute path, but not: " + endpoint);
        }
        return Path.of(path);
    }

    /**
     * Connects now, in vain or not, lest the first call have to wait for it. The first connection of a process takes some 50
     * ms.
     */
    public void connect() {
        client.connect();
    }

    /** The socket of the runtime. */
    public Path socket() {
        return socket;
    }

    /** Sandboxes and containers. */
    public RuntimeService runtimeService() {
        return runtimeService;
    }

    /** Images. */
    public ImageService imageService() {
        return imageService;
    }

    /** Event hints. */
    public RuntimeEvents events() {
        return events;
    }

    /** What only containerd has; made for each caller, for few want it. */
    public Containerd containerd() {
        return new GrpcContainerd(
                new GrpcStub(client, "containerd.services.content.v1.Content", timeouts.request(), CRI_NAMESPACE),
                new GrpcStub(
                        client, "containerd.services.containers.v1.Containers", timeouts.request(), CRI_NAMESPACE));
    }

    /** Ends all calls and streams, which then fail as unavailable, and the thread. Closing again does nothing. */
    @Override
    public void close() {
        client.close();
        io.close();
    }
}
