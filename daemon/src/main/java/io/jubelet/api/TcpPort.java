package io.jubelet.api;

import io.jubelet.concurrent.Threads;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.HttpServerCodec;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Serves HTTP/1.1 on a TCP port. A port that is taken is tried again until it is free, for pods must run whoever has it.
 *
 * <p>One thread of the given name moves bytes. {@link #start} and {@link #close} are called by one thread.
 */
final class TcpPort implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(TcpPort.class);
    private static final int LONGEST_LINE = 4096;
    private static final int LONGEST_HEADERS = 8192;
    /** The kubelet's, for its port of health. */
    private static final Duration AGAIN = Duration.ofSeconds(5);

    private final String thread;
    private final String what;
    private final InetSocketAddress address;
    private final int mostConnections;
    private final Duration patience;
    private final RequestHandler served;
    private final Supplier<Optional<List<ChannelHandler>>> before;
    private final Set<Thread> atWork = ConcurrentHashMap.newKeySet();
    private EventLoopGroup loop;
    private ChannelGroup connections;
    /** Why it could not be taken, as told; touched by the loop's thread alone. */
    private String told = "";

    /**
     * @param thread its name
     * @param what is served, for people
     * @param patience how long a peer may keep us waiting
     * @param before what each new connection goes through first, asked on the loop's thread; empty: it is closed
     */
    TcpPort(
            String thread,
            String what,
            InetSocketAddress address,
            int mostConnections,
            Duration patience,
            RequestHandler served,
            Supplier<Optional<List<ChannelHandler>>> before) {
        this.thread = Objects.requireNonNull(thread, "thread");
        this.what = Objects.requireNonNull(what, "what");
        this.address = Objects.requireNonNull(address, "address");
        this.mostConnections = mostConnections;
        this.patience = Objects.requireNonNull(patience, "patience");
        this.served = Objects.requireNonNull(served, "served");
        this.before = Objects.requireNonNull(before, "before");
    }

    /** Begins to listen; returns when that was tried once. */
    void start() {
        loop = new MultiThreadIoEventLoopGroup(
                1, (Executor) work -> Threads.startPlatform(thread, work), NioIoHandler.newFactory());
        connections = new DefaultChannelGroup(loop.next(), true);
        bind().awaitUninterruptibly();
    }

    private ChannelFuture bind() {
        return new ServerBootstrap()
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
                .addListener((ChannelFuture bound) -> bound(bound));
    }

    /** Runs on the loop's thread, as what follows does. */
    private void bound(ChannelFuture bound) {
        if (bound.isSuccess()) {
            connections.add(bound.channel());
            LOG.info("serving {} on {}", what, text());
            return;
        }
        String problem = String.valueOf(bound.cause().getMessage());
        if (!problem.equals(told)) {
            told = problem;
            LOG.error(
                    "cannot serve {} on {}: {}. Pods run without it; it is tried again every {} s",
                    what,
                    text(),
                    problem,
                    AGAIN.toSeconds());
        }
        if (!loop.isShuttingDown()) {
            loop.schedule(this::bind, AGAIN.toMillis(), TimeUnit.MILLISECONDS);
        }
    }

    private String text() {
        String host = address.getAddress().getHostAddress();
        return (host.contains(":") ? "[" + host + "]" : host) + ":" + address.getPort();
    }

    private void accept(Channel channel) {
        // The port itself is one of them.
        Optional<List<ChannelHandler>> first = connections.size() > mostConnections ? Optional.empty() : before.get();
        if (first.isEmpty()) {
            channel.close();
            return;
        }
        connections.add(channel);
        first.get().forEach(channel.pipeline()::addLast);
        channel.pipeline()
                .addLast(
                        new HttpServerCodec(LONGEST_LINE, LONGEST_HEADERS, LONGEST_HEADERS),
                        new Connection(served, patience, true, atWork));
    }

    /** Stops serving and ends all connections. May be called more than once. */
    @Override
    public void close() {
        if (loop != null) {
            connections.close().awaitUninterruptibly(1, TimeUnit.SECONDS);
            atWork.forEach(Thread::interrupt);
            // They still need the loop to say goodbye.
            Connection.awaitEnd(atWork);
            loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(2, TimeUnit.SECONDS);
            loop = null;
        }
    }
}
