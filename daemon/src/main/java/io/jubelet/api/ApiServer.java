/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.api;

import io.jubelet.concurrent.Threads;
import io.jubelet.objects.NodeInfo;
import io.jubelet.status.StatusStore;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioChannelOption;
import io.netty.channel.socket.nio.NioServerDomainSocketChannel;
import io.netty.handler.codec.http.HttpRequest;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
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
 * Serves the local API on a Unix socket: HTTP/1.1, for root, the user of the daemon, and the members of the group of the
 * socket. What acts in a pod is for root, the user of the daemon, and the members of another group.
 *
 * <p>One thread named {@code api} does the I/O; it sleeps while there are no requests. Call {@link
 * #bind}, {@link #start} and {@link #close} one after the other.
 */
public final class ApiServer implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(ApiServer.class);
    /** The group whose members have access, if the system has it. */
    public static final String GROUP = "jubelet";

    /**
     * One connection costs about 40 kB while its client does not read. So one user, whose share is half of the places, can
     * make the daemon use 2 MB, and all users 5 MB.
     */
    static final ConnectionLimiter.Limits CONNECTIONS = new ConnectionLimiter.Limits(32, 96, 48);

    /** How many clients wait in the kernel. Those who connect and leave again in a loop keep the others waiting for less than a second. */
    private static final int BACKLOG = 1024;
    /** How many users that were denied access are remembered, so that each is logged once. */
    private static final int MAX_DENIED_USERS = 256;

    private static final String REFUSAL_BODY = "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"metadata\":{},"
            + "\"status\":\"Failure\",\"message\":\"too many connections: all places are in use; try again later\","
            + "\"reason\":\"TooManyRequests\",\"code\":429}\n";
    /** With its length, because what the client sent and was not read resets the connection. */
    private static final byte[] REFUSAL = ("HTTP/1.1 429 Too Many Requests\r\nConnection: close\r\n"
                    + "Content-Type: application/json\r\nContent-Length: " + REFUSAL_BODY.length() + "\r\n\r\n"
                    + REFUSAL_BODY)
            .getBytes(StandardCharsets.US_ASCII);

    private final SocketFile socket;
    private final Path path;
    private final Optional<String> group;
    private final Optional<String> admins;
    private final Duration timeout;
    private final Endpoints endpoints;
    private final ConnectionLimiter limiter;
    private final LongLines longLines = new LongLines();
    /** Used by the loop thread. */
    private final Set<String> deniedUsers = new HashSet<>();

    private final Set<Thread> requestThreads = ConcurrentHashMap.newKeySet();
    private Optional<String> givenTo = Optional.empty();
    private @Nullable ServerSocketChannel listener;
    private @Nullable EventLoopGroup loop;
    private @Nullable ChannelGroup connections;

    /**
     * @param path the path of the socket
     * @param group the group whose members have access if the system has it; empty for none
     * @param admins the group whose members may act in pods as root may, if they have access; empty for none
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
            Optional<String> admins,
            Duration timeout,
            StatusStore board,
            NodeInfo node,
            Supplier<Optional<String>> health,
            Sources sources) {
        this(path, Path.of("/etc/group"), group, admins, timeout, new Endpoints(board, node, health, sources));
    }

    /** @param groups the file in which the system keeps its groups */
    ApiServer(
            Path path,
            Path groups,
            Optional<String> group,
            Optional<String> admins,
            Duration timeout,
            Endpoints endpoints) {
        this.path = Objects.requireNonNull(path, "path");
        this.socket = new SocketFile(path, groups);
        this.group = Objects.requireNonNull(group, "group");
        this.admins = Objects.requireNonNull(admins, "admins");
        this.timeout = Objects.requireNonNull(timeout, "timeout");
        this.endpoints = endpoints;
        this.limiter = new ConnectionLimiter("the local API", CONNECTIONS, ApiServer::refuse);
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
            givenTo = socket.publish(group, address -> channel.bind(address, BACKLOG));
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
                .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, ApiResponse.WATER_MARK)
                .childHandler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        accept(channel, open);
                    }
                });
        open.add(bootstrap.register().syncUninterruptibly().channel());
        LOG.info(
                "serving the local API on {} for root{}",
                path,
                givenTo.map(name -> " and members of group " + name).orElse(""));
    }

    private RequestHandler denial(Client client) {
        if (deniedUsers.size() < MAX_DENIED_USERS && deniedUsers.add(client.party())) {
            LOG.warn("denied access to the local API; {} (logged once)", client.party());
        }
        return (_, _) -> {
            throw ApiError.forbidden(
                    "access denied: only root, the user that jubelet runs as, and the group of the socket have access");
        };
    }

    /** The endpoints for a client that has access, and might be allowed to act. */
    private final class LocalEndpoints implements RequestHandler {
        private final UnixDomainPrincipal peer;

        LocalEndpoints(UnixDomainPrincipal peer) {
            this.peer = peer;
        }

        @Override
        public Optional<String> authorize(Channel channel, HttpRequest head, ApiRequest request) {
            if (endpoints.acts(request) && !socket.administers(peer, admins)) {
                throw ApiError.forbidden("/" + request.path().getFirst() + " is for root"
                        + admins.map(name -> " and the members of group " + name)
                                .orElse("; --api-admin-group allows it to a group"));
            }
            return Optional.empty();
        }

        @Override
        public boolean acceptsPost(ApiRequest request) {
            return endpoints.acceptsPost(request);
        }

        @Override
        public boolean acceptsLongLines() {
            return socket.administers(peer, admins);
        }

        @Override
        public void serve(ApiRequest request, ApiResponse response) throws IOException, InterruptedException {
            endpoints.serve(request, response);
        }
    }

    /** Says why before it closes a connection, because the client may have sent a request that was not read yet. */
    private static void refuse(Channel channel) {
        ChannelHandlerContext first = channel.pipeline().firstContext();
        ByteBuf refusal = Unpooled.wrappedBuffer(REFUSAL);
        // Past the codec, which has not seen a request.
        ChannelFuture sent = first == null ? channel.writeAndFlush(refusal) : first.writeAndFlush(refusal);
        sent.addListener(ChannelFutureListener.CLOSE);
    }

    /** Runs on the loop thread. */
    private void accept(Channel channel, ChannelGroup open) {
        UnixDomainPrincipal peer = channel.config().getOption(NioChannelOption.of(ExtendedSocketOptions.SO_PEERCRED));
        Client client = peer == null
                ? new Client("unknown user", false)
                : new Client(
                        "user " + peer.user().getName(),
                        socket.trusts(peer.user()),
                        () -> socket.identity(peer.user()));
        ConnectionLimiter.Place place = limiter.admit(channel, client);
        if (place == null) {
            return;
        }
        open.add(channel);
        Connection.serve(
                channel.pipeline(),
                peer != null && socket.permits(peer) ? new LocalEndpoints(peer) : denial(client),
                client,
                place,
                new Connection.Timeouts(timeout, timeout),
                requestThreads,
                longLines);
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
