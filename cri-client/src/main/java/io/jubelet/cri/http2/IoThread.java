package io.jubelet.cri.http2;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The platform thread that moves the bytes of any number of connections. Nothing of Netty is loaded before the first of
 * them. Safe for use by many threads.
 */
public final class IoThread implements AutoCloseable {

    private final String name;
    private final ReentrantLock lock = new ReentrantLock();

    /** Guarded by the lock; null before the first connection. */
    private EventLoopGroup eventLoop;

    /** Written under the lock. */
    private volatile boolean closed;

    public IoThread(String name) {
        this.name = name;
    }

    EventLoopGroup eventLoop() {
        lock.lock();
        try {
            if (eventLoop == null) {
                ThreadFactory thread =
                        loop -> Thread.ofPlatform().name(name).daemon().unstarted(loop);
                eventLoop = new MultiThreadIoEventLoopGroup(1, thread, NioIoHandler.newFactory());
                end();
            }
            return eventLoop;
        } finally {
            lock.unlock();
        }
    }

    boolean isClosed() {
        return closed;
    }

    /** Ends the thread; connections break. */
    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            end();
        } finally {
            lock.unlock();
        }
    }

    private void end() {
        if (closed && eventLoop != null) {
            eventLoop.shutdownGracefully(0, 1, TimeUnit.SECONDS);
        }
    }
}
