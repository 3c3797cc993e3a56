package io.jubelet.cri.grpc;

import io.grpc.Channel;
import io.grpc.ConnectivityState;
import io.grpc.ManagedChannel;
import io.grpc.netty.InternalNettyChannelBuilder;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioDomainSocketChannel;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The gRPC channel to one Unix socket, replaced after it failed to connect.
 *
 * <p>A gRPC channel that failed to connect answers every call with that old failure until its own back-off, a second and
 * more, is over and it is connected again. A fresh channel tries at once, and a connect to a Unix socket costs next to
 * nothing; so the failed channel is thrown away, and how often to try is the business of those who call.
 */
final class SocketChannels implements AutoCloseable {
    /** The limit of the kubelet: lists of thousands of containers are large. */
    private static final int MAX_MESSAGE_BYTES = 16 << 20;

    /** A fixed window: without it gRPC measures the bandwidth of the socket with pings. */
    private static final int WINDOW_BYTES = 1 << 20;

    private final Path socket;
    private final EventLoopGroup eventLoop;
    private final ReentrantLock lock = new ReentrantLock();

    /** Guarded by the lock. */
    private ManagedChannel channel;

    SocketChannels(Path socket) {
        this.socket = socket;
        this.eventLoop = new MultiThreadIoEventLoopGroup(1, SocketChannels::ioThread, NioIoHandler.newFactory());
        this.channel = newChannel();
    }

    /** A channel that is connected, or about to be. */
    Channel current() {
        lock.lock();
        try {
            if (channel.getState(false) == ConnectivityState.TRANSIENT_FAILURE) {
                channel.shutdownNow();
                channel = newChannel();
            }
            return channel;
        } finally {
            lock.unlock();
        }
    }

    private ManagedChannel newChannel() {
        NettyChannelBuilder builder = NettyChannelBuilder.forAddress(UnixDomainSocketAddress.of(socket))
                .eventLoopGroup(eventLoop)
                .channelFactory(NioDomainSocketChannel::new)
                .withOption(ChannelOption.ALLOCATOR, UnpooledByteBufAllocator.DEFAULT)
                // gRPC sets it always; a Unix socket does not know it, and Netty would warn at each connect.
                .withOption(ChannelOption.SO_KEEPALIVE, null)
                .flowControlWindow(WINDOW_BYTES)
                .maxInboundMessageSize(MAX_MESSAGE_BYTES)
                .overrideAuthority("localhost")
                .usePlaintext()
                .directExecutor()
                .offloadExecutor(Runnable::run)
                .proxyDetector(target -> null)
                .disableServiceConfigLookUp()
                .disableRetry()
                .idleTimeout(Long.MAX_VALUE, TimeUnit.DAYS)
                .maxTraceEvents(0);
        // Otherwise gRPC looks for telemetry classes which are not there.
        InternalNettyChannelBuilder.setStatsEnabled(builder, false);
        InternalNettyChannelBuilder.setTracingEnabled(builder, false);
        return builder.build();
    }

    private static Thread ioThread(Runnable loop) {
        return Thread.ofPlatform().name("cri-io").daemon().unstarted(loop);
    }

    @Override
    public void close() {
        lock.lock();
        try {
            channel.shutdownNow();
        } finally {
            lock.unlock();
        }
        eventLoop.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    }
}
