package io.jubelet.api;

import io.jubelet.concurrent.Threads;
import io.jubelet.objects.NodeInfo;
import io.jubelet.status.StatusStore;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioChannelOption;
import io.netty.channel.socket.nio.NioServerDomainSocketChannel;
import io.netty.handler.codec.http.HttpServerCodec;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import jdk.net.ExtendedSocketOptions;
import jdk.net.UnixDomainPrincipal;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Serves the local API on a Unix socket: HTTP/1.1, read-only, for root and the group of the socket.
 *
 * <p>One thread named {@code api} moves bytes; it sleeps while nobody asks. {@link #claim}, {@link #start} and {@link #close}
 * are called one after the other.
 */
public final class ApiServer implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(ApiServer.class);
    private static final int LONGEST_LINE = 4096;
    private static final int LONGEST_HEADERS = 8192;
    private static final int MOST_CONNECTIONS = 256;

    private final SocketFile socket;
    private final Path path;
    private final Optional<String> group;
    private final Duration patience;
    private final Endpoints endpoints;
    private final Set<String> refused = ConcurrentHashMap.newKeySet();
    private final Set<Thread> atWork = ConcurrentHashMap.newKeySet();
    private ServerSocketChannel claimed;
    private EventLoopGroup loop;
    private ChannelGroup connections;

    /**
     * @param path of the socket
     * @param group of the socket; empty for the group of this process
     * @param patience how long a peer may keep us waiting
     * @param board what is reported
     * @param node what is told of the node
     * @param health empty when all is well, else what is not; must not block for long
     * @param sources asked for the rest
     */
    public ApiServer(
            Path path,
            Optional<String> group,
            Duration patience,
            StatusStore board,
            NodeInfo node,
            Supplier<Optional<String>> health,
            Sources sources) {
        this.path = Objects.requireNonNull(path, "path");
        this.socket = new SocketFile(path);
        this.group = Objects.requireNonNull(group, "group");
        this.patience = Objects.requireNonNull(patience, "patience");
        this.endpoints = new Endpoints(board, node, health, sources);
    }

    /** What it answers. */
    Endpoints endpoints() {
        return endpoints;
    }

    /**
     * Takes the socket. From then on there can be no other daemon on it, and who connects waits until it is served.
     *
     * @throws IOException when another daemon serves it, or it cannot be made; the message says what to do
     */
    public void claim() throws IOException {
        ServerSocketChannel channel = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        try {
            socket.publish(group, address -> channel.bind(address, MOST_CONNECTIONS));
        } catch (IOException | RuntimeException failed) {
            channel.close();
            throw failed;
        }
        claimed = channel;
    }

    /** Serves the socket that was claimed. What this loads takes longer than to begin with the pods, which need not wait. */
    public void start() {
        loop = new MultiThreadIoEventLoopGroup(
                1, (Executor) work -> Threads.startPlatform("api", work), NioIoHandler.newFactory());
        connections = new DefaultChannelGroup(loop.next(), true);
        ServerBootstrap bootstrap = new ServerBootstrap()
                .group(loop)
                .channelFactory(() -> new NioServerDomainSocketChannel(claimed))
                .option(ChannelOption.ALLOCATOR, UnpooledByteBufAllocator.DEFAULT)
                .childOption(ChannelOption.ALLOCATOR, UnpooledByteBufAllocator.DEFAULT)
                .childHandler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        accept(channel);
                    }
                });
        connections.add(bootstrap.register().syncUninterruptibly().channel());
        LOG.info("serving the local API on {}", path);
    }

    /** Runs on the loop thread. */
    private void accept(Channel channel) {
        if (connections.size() > MOST_CONNECTIONS) {
            LOG.warn("more than {} connections to the local API; the newest is closed", MOST_CONNECTIONS);
            channel.close();
            return;
        }
        connections.add(channel);
        channel.pipeline()
                .addLast(
                        new HttpServerCodec(LONGEST_LINE, LONGEST_HEADERS, LONGEST_HEADERS),
                        new Connection(endpoints, patience, allowed(channel), atWork));
    }

    private boolean allowed(Channel channel) {
        UnixDomainPrincipal peer = channel.config().getOption(NioChannelOption.of(ExtendedSocketOptions.SO_PEERCRED));
        if (peer != null && socket.peers().map(policy -> policy.allows(peer)).orElse(false)) {
            return true;
        }
        String who = peer == null ? "unknown" : peer.user().getName();
        if (refused.size() < MOST_CONNECTIONS && refused.add(who)) {
            LOG.warn("user {} tried the local API and may not; told once", who);
        }
        return false;
    }

    /** Stops serving, ends all connections and removes the socket. May be called more than once. */
    @Override
    public void close() throws IOException {
        if (loop != null) {
            connections.close().awaitUninterruptibly(1, TimeUnit.SECONDS);
            // They were interrupted by the end of their connections, and still need the loop to say goodbye.
            Connection.awaitEnd(atWork);
            loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(2, TimeUnit.SECONDS);
            loop = null;
        }
        if (claimed != null) {
            claimed.close(); // nobody else does if it was never served
        }
        socket.remove();
    }
}
