/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.api;

import io.jubelet.concurrent.Threads;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.ReferenceCountUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import javax.net.ssl.SSLEngine;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Serves HTTP/1.1 on a TCP port. If the port is in use, it retries until the port is free, because
 * the pods must run in any case.
 *
 * <p>One thread of the given name does the I/O. {@link #start} and {@link #close} are called by one
 * thread.
 */
public final class TcpPort implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(TcpPort.class);
    /** Source: the kubelet, for its health port. */
    private static final Duration RETRY_DELAY = Duration.ofSeconds(5);

    private final String thread;
    private final String what;
    private final InetSocketAddress address;
    private final ConnectionLimiter limiter;
    private final LongLines longLines = new LongLines();
    private final Connection.Timeouts timeouts;
    private final RequestHandler handler;
    private final Optional<Supplier<Optional<SSLEngine>>> tls;
    private final Set<Thread> requestThreads = ConcurrentHashMap.newKeySet();
    private @Nullable EventLoopGroup loop;
    private @Nullable ChannelGroup connections;
    /** The last problem that was logged; used by the loop thread alone. */
    private String lastProblem = "";

    /**
     * @param thread the name of the I/O thread
     * @param what the content that is served, for log messages
     * @param limits how many connections may be open
     * @param timeouts how long to wait for a client
     * @param tls creates the engine of a connection, on the loop thread, when its client has begun to send; none to close the
     *     connection. Must not block for long. Empty to serve without TLS
     */
    TcpPort(
            String thread,
            String what,
            InetSocketAddress address,
            ConnectionLimiter.Limits limits,
            Connection.Timeouts timeouts,
            RequestHandler handler,
            Optional<Supplier<Optional<SSLEngine>>> tls) {
        this.thread = Objects.requireNonNull(thread, "thread");
        this.what = Objects.requireNonNull(what, "what");
        this.address = Objects.requireNonNull(address, "address");
        this.timeouts = Objects.requireNonNull(timeouts, "timeouts");
        this.handler = Objects.requireNonNull(handler, "handler");
        this.tls = Objects.requireNonNull(tls, "tls");
        this.limiter = new ConnectionLimiter(text(), limits, ConnectionLimiter::abort);
    }

    /**
     * Serves clients of other rooms over TLS.
     *
     * @param thread the name of the I/O thread
     * @param what the content that is served, for log messages
     * @param trusted how many connections of authenticated clients may be open
     * @param others how many connections of other clients may be open
     * @param timeout how long to wait for a client to send a request or to read a response
     * @param tls creates the engine of a connection when its client has begun to send; empty to close the connection. Must not
     *     block for long
     */
    public TcpPort(
            String thread,
            String what,
            InetSocketAddress address,
            int trusted,
            int others,
            Duration timeout,
            RequestHandler handler,
            Supplier<Optional<SSLEngine>> tls) {
        this(
                thread,
                what,
                address,
                new ConnectionLimiter.Limits(trusted, others, others),
                new Connection.Timeouts(timeout, KubeletServer.UNTRUSTED_TIMEOUT),
                handler,
                Optional.of(tls));
    }

    /**
     * A port without TLS that serves everyone who reaches it.
     *
     * @param thread the name of the I/O thread
     * @param what the content that is served, for log messages
     * @param timeout how long to wait for a client to send a request or to read a response
     */
    public static TcpPort open(
            String thread, String what, InetSocketAddress address, Duration timeout, RequestHandler handler) {
        return new TcpPort(
                thread,
                what,
                address,
                HealthPort.CONNECTIONS,
                new Connection.Timeouts(timeout, timeout),
                handler,
                Optional.empty());
    }

    /** Starts to listen; returns after the first attempt. */
    public void start() {
        EventLoopGroup group = new MultiThreadIoEventLoopGroup(
                1, (Executor) work -> Threads.startPlatform(thread, work), NioIoHandler.newFactory());
        ChannelGroup open = new DefaultChannelGroup(group.next(), true);
        loop = group;
        connections = open;
        bind(group, open).awaitUninterruptibly();
    }

    private ChannelFuture bind(EventLoopGroup group, ChannelGroup open) {
        return new ServerBootstrap()
                .group(group)
                .channel(NioServerSocketChannel.class)
                .option(ChannelOption.ALLOCATOR, UnpooledByteBufAllocator.DEFAULT)
                .option(ChannelOption.SO_REUSEADDR, true)
                .childOption(ChannelOption.ALLOCATOR, UnpooledByteBufAllocator.DEFAULT)
                .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, ApiResponse.WATER_MARK)
                .childHandler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        accept(channel, open);
                    }
                })
                .bind(address)
                .addListener((ChannelFuture bound) -> bound(bound, group, open));
    }

    /** Runs on the loop thread, as the methods below do. */
    private void bound(ChannelFuture bound, EventLoopGroup group, ChannelGroup open) {
        if (bound.isSuccess()) {
            open.add(bound.channel());
            LOG.info("serving {} on {}", what, text());
            return;
        }
        String problem = String.valueOf(bound.cause().getMessage());
        if (!problem.equals(lastProblem)) {
            lastProblem = problem;
            LOG.error(
                    "cannot listen on {} to serve {}; pods run without it, and it is retried every {} s: {}",
                    text(),
                    what,
                    RETRY_DELAY.toSeconds(),
                    problem);
        }
        if (!group.isShuttingDown()) {
            group.schedule(() -> bind(group, open), RETRY_DELAY.toMillis(), TimeUnit.MILLISECONDS);
        }
    }

    private String text() {
        String host = address.getAddress().getHostAddress();
        return (host.contains(":") ? "[" + host + "]" : host) + ":" + address.getPort();
    }

    private void accept(Channel channel, ChannelGroup open) {
        Client client = new Client(party(channel.remoteAddress()), false);
        ConnectionLimiter.Place place = limiter.admit(channel, client);
        if (place == null) {
            return;
        }
        open.add(channel);
        tls.ifPresent(engines -> channel.pipeline().addLast(new TlsStart(engines, timeouts.untrusted())));
        Connection.serve(channel.pipeline(), handler, client, place, timeouts, requestThreads, longLines);
    }

    /**
     * Begins TLS when a client has begun to send. An engine takes more time and memory than the rest of a connection, and a new
     * connection is served after all that came before it, so those that send nothing would delay it.
     */
    private static final class TlsStart extends ChannelInboundHandlerAdapter {

        private final Supplier<Optional<SSLEngine>> engines;
        private final Duration handshakeTimeout;

        TlsStart(Supplier<Optional<SSLEngine>> engines, Duration handshakeTimeout) {
            this.engines = engines;
            this.handshakeTimeout = handshakeTimeout;
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            Optional<SSLEngine> engine = engines.get();
            if (engine.isEmpty()) {
                ReferenceCountUtil.release(message);
                context.close();
                return;
            }
            SslHandler handler = new SslHandler(engine.get());
            handler.setHandshakeTimeoutMillis(handshakeTimeout.toMillis());
            ChannelPipeline pipeline = context.pipeline();
            pipeline.replace(this, null, handler);
            pipeline.fireChannelRead(message);
        }
    }

    /** The address; of an IPv6 address the first half, because one machine can use all addresses of its network. */
    static String party(@Nullable SocketAddress remote) {
        if (!(remote instanceof InetSocketAddress address) || address.getAddress() == null) {
            return "an address that is gone";
        }
        byte[] bytes = address.getAddress().getAddress();
        if (bytes.length == 4) {
            return address.getAddress().getHostAddress();
        }
        Arrays.fill(bytes, 8, 16, (byte) 0);
        try {
            return InetAddress.getByAddress(bytes).getHostAddress() + "/64";
        } catch (UnknownHostException e) {
            throw new IllegalStateException("an IPv6 address has 16 bytes", e);
        }
    }

    /** Stops serving and closes all connections. Further calls have no effect. */
    @Override
    public void close() {
        if (loop != null && connections != null) {
            connections.close().awaitUninterruptibly(1, TimeUnit.SECONDS);
            requestThreads.forEach(Thread::interrupt);
            // The threads need the loop to send what is left.
            Connection.joinAll(requestThreads);
            loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(2, TimeUnit.SECONDS);
            loop = null;
        }
    }
}
