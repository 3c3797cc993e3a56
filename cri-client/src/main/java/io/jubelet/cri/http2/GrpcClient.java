/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cri.http2;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.nio.NioDomainSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A gRPC client of one server. The first call connects, and so does the first call after a
 * connection failed; there is no backoff, because connecting to a local socket is cheap and callers
 * decide how often to retry. Thread-safe.
 */
public final class GrpcClient implements AutoCloseable {

    private final IoThread io;
    private final SocketAddress server;
    private final RequestHeaders headers;
    private final ConnectionLimits limits;
    private final ReentrantLock lock = new ReentrantLock();

    /** Guarded by the lock; null before the first call. */
    private @Nullable Bootstrap bootstrap;

    /** Guarded by the lock; null before the first call. */
    private @Nullable Http2Connection connection;

    /** Guarded by the lock. */
    private boolean closed;

    /**
     * Creates a client, which does not connect yet.
     *
     * @param io the thread that does the I/O; {@link #close()} does not close it
     * @param authority the value of the {@code :authority} header
     * @param userAgent the value of the {@code user-agent} header
     * @param limits limits what the connection keeps of what the server sends
     */
    public GrpcClient(IoThread io, SocketAddress server, String authority, String userAgent, ConnectionLimits limits) {
        this.io = io;
        this.server = server;
        this.headers = new RequestHeaders(authority, userAgent);
        this.limits = limits;
    }

    private Bootstrap bootstrap() {
        return new Bootstrap()
                .group(io.eventLoop())
                .channelFactory(
                        server instanceof UnixDomainSocketAddress ? NioDomainSocketChannel::new : NioSocketChannel::new)
                .option(ChannelOption.ALLOCATOR, UnpooledByteBufAllocator.DEFAULT)
                .option(ChannelOption.RECVBUF_ALLOCATOR, readBuffers());
    }

    /** The first buffer and the steps are those of Netty's default. */
    private AdaptiveRecvByteBufAllocator readBuffers() {
        return new AdaptiveRecvByteBufAllocator(
                AdaptiveRecvByteBufAllocator.DEFAULT_MINIMUM,
                Math.min(AdaptiveRecvByteBufAllocator.DEFAULT_INITIAL, limits.maxReadBytes()),
                limits.maxReadBytes());
    }

    /** Starts to connect, so that the first call does not have to wait; does not block. */
    public void connect() {
        current();
    }

    /**
     * Starts a call; does not block. After {@link #close()} the call ends at once as UNAVAILABLE.
     */
    public GrpcCall start(Request request, CallListener listener) {
        Http2Connection usable = current();
        GrpcCall call = new GrpcCall(usable, request, listener);
        if (usable == null || !usable.execute(() -> usable.start(call))) {
            listener.onClose(new GrpcStatus(GrpcStatus.Code.UNAVAILABLE, "the client was closed"));
        }
        return call;
    }

    /** Returns a usable connection, or null after the client or its thread was closed. */
    private @Nullable Http2Connection current() {
        lock.lock();
        try {
            if (closed || io.isClosed()) {
                return null;
            }
            if (bootstrap == null) {
                bootstrap = bootstrap();
            }
            if (connection == null || !connection.isUsable()) {
                connection = new Http2Connection(bootstrap, server, headers, limits.maxHeaderBytes());
            }
            return connection;
        } finally {
            lock.unlock();
        }
    }

    /** Closes the connection; calls in flight end as UNAVAILABLE. */
    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            if (connection != null) {
                connection.close();
            }
        } finally {
            lock.unlock();
        }
    }
}
