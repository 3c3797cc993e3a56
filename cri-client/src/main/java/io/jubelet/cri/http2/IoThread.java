package io.jubelet.cri.http2;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;

/** The platform thread that moves the bytes of any number of connections. It begins with the first of them. */
public final class IoThread implements AutoCloseable {

    private final EventLoopGroup eventLoop;

    public IoThread(String name) {
        ThreadFactory thread = loop -> Thread.ofPlatform().name(name).daemon().unstarted(loop);
        this.eventLoop = new MultiThreadIoEventLoopGroup(1, thread, NioIoHandler.newFactory());
    }

    EventLoopGroup eventLoop() {
        return eventLoop;
    }

    boolean isClosed() {
        return eventLoop.isShuttingDown();
    }

    /** Ends the thread; connections break. */
    @Override
    public void close() {
        eventLoop.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    }
}
