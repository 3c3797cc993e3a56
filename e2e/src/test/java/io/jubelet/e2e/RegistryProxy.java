/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.e2e;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** Passes bytes between a runtime and a registry: as many as it is allowed, and it may hang up. */
final class RegistryProxy implements AutoCloseable {

    private static final int PIECE = 16 * 1024;

    private final ServerSocket listener;
    private final int target;
    private final Queue<Socket> open = new ConcurrentLinkedQueue<>();
    private final AtomicLong passed = new AtomicLong();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition more = lock.newCondition();
    /** How many bytes of answers may pass, all in all; guarded by the lock. */
    private long allowed;

    /** @param target the port of the registry */
    RegistryProxy(int target) throws IOException {
        this.target = target;
        this.listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        Thread.ofVirtual().name("registry-proxy").start(this::accept);
    }

    String host() {
        return "127.0.0.1:" + listener.getLocalPort();
    }

    /** Lets this number of further response bytes pass, and at most one more piece for each connection. */
    void allow(long bytes) {
        lock.lock();
        try {
            allowed += bytes;
            more.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Waits until bytes may pass, and counts some that do. */
    private void awaitAllowed(int bytes) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (passed.get() >= allowed) {
                more.await();
            }
            passed.addAndGet(bytes);
        } finally {
            lock.unlock();
        }
    }

    /** How many bytes of answers have passed. */
    long passed() {
        return passed.get();
    }

    /** Cuts all connections; new ones are accepted. */
    void cut() throws IOException {
        for (Socket socket = open.poll(); socket != null; socket = open.poll()) {
            socket.close();
        }
    }

    @Override
    public void close() throws IOException {
        listener.close();
        cut();
        allow(Long.MAX_VALUE / 2);
    }

    private void accept() {
        try {
            while (true) {
                Socket client = listener.accept();
                Socket server = new Socket(InetAddress.getLoopbackAddress(), target);
                open.add(client);
                open.add(server);
                Thread.ofVirtual().name("registry-questions").start(() -> pass(client, server, false));
                Thread.ofVirtual().name("registry-answers").start(() -> pass(server, client, true));
            }
        } catch (IOException e) {
            return; // closed
        }
    }

    private void pass(Socket from, Socket to, boolean answers) {
        byte[] piece = new byte[PIECE];
        try (from;
                to;
                InputStream in = from.getInputStream();
                OutputStream out = to.getOutputStream()) {
            for (int n = in.read(piece); n >= 0; n = in.read(piece)) {
                if (answers) {
                    awaitAllowed(n);
                }
                out.write(piece, 0, n);
            }
        } catch (IOException e) {
            return; // closed
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
