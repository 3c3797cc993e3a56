/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cri.http2;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * One platform thread with an event loop, which does the I/O of any number of connections. It
 * starts, and loads the classes of Netty, with the first of them. Thread-safe.
 */
public final class IoThread implements AutoCloseable {

    private final String name;
    private final ReentrantLock lock = new ReentrantLock();

    /** Guarded by the lock; null before the first connection. */
    private @Nullable EventLoopGroup eventLoop;

    /** Written under the lock. */
    private volatile boolean closed;

    /**
     * Creates the thread, which does not start yet.
     *
     * @param name the name of the thread
     */
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
                shutDownIfClosed();
            }
            return eventLoop;
        } finally {
            lock.unlock();
        }
    }

    boolean isClosed() {
        return closed;
    }

    /** Ends the thread and breaks its connections. */
    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            shutDownIfClosed();
        } finally {
            lock.unlock();
        }
    }

    private void shutDownIfClosed() {
        if (closed && eventLoop != null) {
            eventLoop.shutdownGracefully(0, 1, TimeUnit.SECONDS);
        }
    }
}
