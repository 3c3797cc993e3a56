/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
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
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Serves the local API on a Unix socket: HTTP/1.1, read-only, for root, the user of the daemon and
 * the group of the socket.
 *
 * <p>One thread named {@code api} does the I/O; it sleeps while there are no requests. Call {@link
 * #bind}, {@link #start} and {@link #close} one after the other.
 */
public final class ApiServer implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(ApiServer.class);
    private static final int MAX_LINE = 4096;
    private static final int MAX_HEADERS = 8192;
    private static final int MAX_CONNECTIONS = 256;

    private final SocketFile socket;
    private final Path path;
    private final Optional<String> group;
    private final Duration timeout;
    private final Endpoints endpoints;
    private final Set<String> deniedUsers = ConcurrentHashMap.newKeySet();
    private final Set<Thread> requestThreads = ConcurrentHashMap.newKeySet();
    private @Nullable ServerSocketChannel listener;
    private @Nullable EventLoopGroup loop;
    private @Nullable ChannelGroup connections;

    /**
     * @param path the path of the socket
     * @param group the group of the socket; empty for the group of this process
     * @param timeout how long to wait for a client to send a request or to read a response
     * @param board the status of the pods
     * @param node the node that the objects name
     * @param health empty if the daemon is healthy, otherwise what is wrong; must not block for
     *     long
     * @param sources where the other data comes from
     */
    public ApiServer(
            Path path,
            Optional<String> group,
            Duration timeout,
            StatusStore board,
            NodeInfo node,
            Supplier<Optional<String>> health,
            Sources sources) {
        this.path = Objects.requireNonNull(path, "path");
        this.socket = new SocketFile(path);
        this.group = Objects.requireNonNull(group, "group");
        this.timeout = Objects.requireNonNull(timeout, "timeout");
        this.endpoints = new Endpoints(board, node, health, sources);
    }

    /** The endpoints that this server serves. */
    Endpoints endpoints() {
        return endpoints;
    }

    /**
     * Binds the socket. From then on no other daemon can bind it, and clients that connect wait
     * until {@link #start}.
     *
     * @throws IOException if another daemon listens on the socket, or the socket cannot be created;
     *     the message says what to do
     */
    public void bind() throws IOException {
        ServerSocketChannel channel = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        try {
            socket.publish(group, address -> channel.bind(address, MAX_CONNECTIONS));
        } catch (IOException | RuntimeException failed) {
            channel.close();
            throw failed;
        }
        listener = channel;
    }

    /**
     * Starts to serve the socket. Call it after the first pods were started, because it loads many
     * classes.
     */
    public void start() {
        ServerSocketChannel bound = Objects.requireNonNull(listener, "bind was not called");
        EventLoopGroup group = new MultiThreadIoEventLoopGroup(
                1, (Executor) work -> Threads.startPlatform("api", work), NioIoHandler.newFactory());
        ChannelGroup open = new DefaultChannelGroup(group.next(), true);
        loop = group;
        connections = open;
        ServerBootstrap bootstrap = new ServerBootstrap()
                .group(group)
                .channelFactory(() -> new NioServerDomainSocketChannel(bound))
                .option(ChannelOption.ALLOCATOR, UnpooledByteBufAllocator.DEFAULT)
                .childOption(ChannelOption.ALLOCATOR, UnpooledByteBufAllocator.DEFAULT)
                .childHandler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        accept(channel, open);
                    }
                });
        open.add(bootstrap.register().syncUninterruptibly().channel());
        LOG.info("serving the local API on {}", path);
    }

    /** Runs on the loop thread. */
    private void accept(Channel channel, ChannelGroup open) {
        if (open.size() > MAX_CONNECTIONS) {
            LOG.warn("closed a new connection to the local API, because {} are open", MAX_CONNECTIONS);
            channel.close();
            return;
        }
        open.add(channel);
        channel.pipeline()
                .addLast(
                        new HttpServerCodec(MAX_LINE, MAX_HEADERS, MAX_HEADERS),
                        new Connection(endpoints, timeout, allowed(channel), requestThreads));
    }

    private boolean allowed(Channel channel) {
        UnixDomainPrincipal peer = channel.config().getOption(NioChannelOption.of(ExtendedSocketOptions.SO_PEERCRED));
        if (peer != null && socket.peers().map(policy -> policy.allows(peer)).orElse(false)) {
            return true;
        }
        String user = peer == null ? "unknown" : peer.user().getName();
        if (deniedUsers.size() < MAX_CONNECTIONS && deniedUsers.add(user)) {
            LOG.warn("denied access to the local API; user={} (logged once)", user);
        }
        return false;
    }

    /**
     * Stops serving, closes all connections and removes the socket. Further calls have no effect.
     */
    @Override
    public void close() throws IOException {
        if (loop != null && connections != null) {
            connections.close().awaitUninterruptibly(1, TimeUnit.SECONDS);
            // The end of their connections interrupted them, and they need the loop to send what is
            // left.
            Connection.joinAll(requestThreads);
            loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(2, TimeUnit.SECONDS);
            loop = null;
        }
        if (listener != null) {
            listener.close(); // the loop closes it only if it was served
        }
        socket.remove();
    }
}
