package io.jubelet.cri.http2;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.nio.NioDomainSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Calls one server. It connects with the first call, and anew with the first call after a connection failed: a connect to a
 * socket costs next to nothing, and how often to try is the business of those who call. May be used by any thread.
 */
public final class GrpcClient implements AutoCloseable {

    private final IoThread io;
    private final SocketAddress server;
    private final RequestHeaders headers;
    private final ReentrantLock lock = new ReentrantLock();

    /** Guarded by the lock, as is the next; both are null before the first call. */
    private Bootstrap bootstrap;

    private Http2Connection connection;

    /** Guarded by the lock. */
    private boolean closed;

    /**
     * @param io moves the bytes; it is not closed with this
     * @param authority what the server is told it is called
     * @param userAgent what it is told of who calls
     */
    public GrpcClient(IoThread io, SocketAddress server, String authority, String userAgent) {
        this.io = io;
        this.server = server;
        this.headers = new RequestHeaders(authority, userAgent);
    }

    private Bootstrap bootstrap() {
        return new Bootstrap()
                .group(io.eventLoop())
                .channelFactory(
                        server instanceof UnixDomainSocketAddress ? NioDomainSocketChannel::new : NioSocketChannel::new)
                .option(ChannelOption.ALLOCATOR, UnpooledByteBufAllocator.DEFAULT);
    }

    /** Connects now, lest the first call have to wait for it. */
    public void connect() {
        current();
    }

    /** Begins a call; does not block. After this was closed the call ends at once. */
    public GrpcCall start(Request request, CallListener listener) {
        Http2Connection on = current();
        GrpcCall stream = new GrpcCall(on, request, listener);
        if (on == null || !on.execute(() -> on.begin(stream))) {
            listener.onClose(new GrpcStatus(GrpcStatus.Code.UNAVAILABLE, "the client was closed"));
        }
        return stream;
    }

    /** Null after the end. */
    private Http2Connection current() {
        lock.lock();
        try {
            if (closed || io.isClosed()) {
                return null;
            }
            if (bootstrap == null) {
                bootstrap = bootstrap();
            }
            if (connection == null || !connection.isUsable()) {
                connection = new Http2Connection(bootstrap, server, headers);
            }
            return connection;
        } finally {
            lock.unlock();
        }
    }

    /** Closes the connection; calls under way end as UNAVAILABLE. */
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
