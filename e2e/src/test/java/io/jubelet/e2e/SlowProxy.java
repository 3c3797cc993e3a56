/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.e2e;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Passes bytes between the daemon and a runtime, with a configurable delay of the responses. */
final class SlowProxy implements AutoCloseable {

    private final ServerSocketChannel listener;
    private final Path target;
    private final Queue<SocketChannel> open = new ConcurrentLinkedQueue<>();
    private final CountDownLatch closed = new CountDownLatch(1);
    private volatile Duration delay = Duration.ZERO;

    SlowProxy(Path socket, Path target) throws IOException {
        this.target = target;
        this.listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX).bind(UnixDomainSocketAddress.of(socket));
        Thread.ofVirtual().name("slow-proxy").start(this::accept);
    }

    /** From now on each piece of an answer comes this much later. */
    void delay(Duration late) {
        delay = late;
    }

    @Override
    public void close() throws IOException {
        closed.countDown();
        listener.close();
        for (SocketChannel channel = open.poll(); channel != null; channel = open.poll()) {
            channel.close();
        }
    }

    private void accept() {
        try {
            while (true) {
                SocketChannel client = listener.accept();
                SocketChannel server = SocketChannel.open(UnixDomainSocketAddress.of(target));
                open.add(client);
                open.add(server);
                Thread.ofVirtual().name("slow-proxy-questions").start(() -> pass(client, server, false));
                Thread.ofVirtual().name("slow-proxy-answers").start(() -> pass(server, client, true));
            }
        } catch (IOException e) {
            return; // closed
        }
    }

    private void pass(SocketChannel from, SocketChannel to, boolean slowly) {
        ByteBuffer buffer = ByteBuffer.allocate(64 * 1024);
        try (from;
                to) {
            while (from.read(buffer) >= 0) {
                if (slowly && closed.await(delay.toNanos(), TimeUnit.NANOSECONDS)) {
                    return;
                }
                buffer.flip();
                while (buffer.hasRemaining()) {
                    to.write(buffer);
                }
                buffer.clear();
            }
        } catch (IOException e) {
            return; // closed
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
