package io.jubelet.api;

import io.jubelet.concurrent.Threads;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.ssl.SslHandler;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Serves pods and logs to other machines: HTTP/1.1 in TLS, read-only, for callers with a certificate. Only there when a port
 * is asked for.
 *
 * <p>One thread named {@code kubelet-api} moves bytes. {@link #start} and {@link #close} are called by one thread.
 */
public final class KubeletServer implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(KubeletServer.class);
    private static final int LONGEST_LINE = 4096;
    private static final int LONGEST_HEADERS = 8192;
    private static final int MOST_CONNECTIONS = 256;

    private final InetSocketAddress address;
    private final Supplier<Optional<SSLContext>> tls;
    private final Duration patience;
    private final Served served;
    private final Set<Thread> atWork = ConcurrentHashMap.newKeySet();
    private EventLoopGroup loop;
    private ChannelGroup connections;

    /**
     * @param tls of each new connection, which asks callers for certificates; empty while there is none. Must not block for
     *     long
     * @param local whose answers are given
     */
    public KubeletServer(
            InetSocketAddress address, Supplier<Optional<SSLContext>> tls, Duration patience, ApiServer local) {
        this.address = Objects.requireNonNull(address, "address");
        this.tls = Objects.requireNonNull(tls, "tls");
        this.patience = Objects.requireNonNull(patience, "patience");
        this.served = new KubeletEndpoints(local.endpoints());
    }

    /**
     * Listens.
     *
     * @throws IOException when the port is taken
     */
    public void start() throws IOException {
        loop = new MultiThreadIoEventLoopGroup(
                1, (Executor) work -> Threads.startPlatform("kubelet-api", work), NioIoHandler.newFactory());
        connections = new DefaultChannelGroup(loop.next(), true);
        ChannelFuture bound = new ServerBootstrap()
                .group(loop)
                .channel(NioServerSocketChannel.class)
                .option(ChannelOption.ALLOCATOR, UnpooledByteBufAllocator.DEFAULT)
                .option(ChannelOption.SO_REUSEADDR, true)
                .childOption(ChannelOption.ALLOCATOR, UnpooledByteBufAllocator.DEFAULT)
                .childHandler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        accept(channel);
                    }
                })
                .bind(address)
                .awaitUninterruptibly();
        if (!bound.isSuccess()) {
            close();
            throw new IOException(
                    "cannot listen on " + address + ": " + bound.cause().getMessage(), bound.cause());
        }
        connections.add(bound.channel());
        LOG.info("serving pods and logs on {} for callers with a certificate", address);
    }

    /** Runs on the loop thread. */
    private void accept(Channel channel) {
        Optional<SSLContext> context = tls.get();
        if (context.isEmpty() || connections.size() > MOST_CONNECTIONS) {
            channel.close();
            return;
        }
        connections.add(channel);
        SSLEngine engine = context.get().createSSLEngine();
        engine.setUseClientMode(false);
        engine.setNeedClientAuth(true);
        SslHandler handler = new SslHandler(engine);
        handler.setHandshakeTimeoutMillis(patience.toMillis());
        channel.pipeline()
                .addLast(
                        handler,
                        new HttpServerCodec(LONGEST_LINE, LONGEST_HEADERS, LONGEST_HEADERS),
                        new Connection(served, patience, true, atWork));
    }

    /** Stops serving and ends all connections. May be called more than once. */
    @Override
    public void close() {
        if (loop != null) {
            connections.close().awaitUninterruptibly(1, TimeUnit.SECONDS);
            atWork.forEach(Thread::interrupt);
            loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(2, TimeUnit.SECONDS);
            loop = null;
        }
    }
}
