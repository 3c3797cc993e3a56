/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cri.grpc;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/** A proxy between Unix sockets that can cut all its connections, as the death of a server does. */
final class UnixSocketProxy implements AutoCloseable {
    private final ServerSocketChannel listener;
    private final Path target;
    private final Queue<SocketChannel> open = new ConcurrentLinkedQueue<>();

    UnixSocketProxy(Path socket, Path target) throws IOException {
        this.target = target;
        this.listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX).bind(UnixDomainSocketAddress.of(socket));
        Thread.ofVirtual().name("proxy").start(this::accept);
    }

    /** Cuts the open connections; new ones are accepted. */
    void cut() throws IOException {
        for (SocketChannel channel = open.poll(); channel != null; channel = open.poll()) {
            channel.close();
        }
    }

    @Override
    public void close() throws IOException {
        listener.close();
        cut();
    }

    private void accept() {
        try {
            while (true) {
                SocketChannel client = listener.accept();
                SocketChannel server = SocketChannel.open(UnixDomainSocketAddress.of(target));
                open.add(client);
                open.add(server);
                Thread.ofVirtual().name("proxy-to-server").start(() -> pass(client, server));
                Thread.ofVirtual().name("proxy-to-client").start(() -> pass(server, client));
            }
        } catch (IOException e) {
            return; // closed
        }
    }

    private static void pass(SocketChannel from, SocketChannel to) {
        ByteBuffer buffer = ByteBuffer.allocate(8192);
        try (from;
                to) {
            while (from.read(buffer) >= 0) {
                buffer.flip();
                while (buffer.hasRemaining()) {
                    to.write(buffer);
                }
                buffer.clear();
            }
        } catch (IOException e) {
            return; // cut
        }
    }
}
