/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.e2e;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The network between a daemon and an API server, as a port of the loopback that passes bytes, or does worse. What it does
 * may be changed at any moment, and concerns open connections as well as new ones.
 */
final class ApiServerProxy implements AutoCloseable {

    /** What becomes of connections. */
    sealed interface Mode {

        /** Bytes pass in both directions. */
        record Pass() implements Mode {}

        /** The port refuses connections and open ones are closed, as after the API server was killed. */
        record Refuse() implements Mode {}

        /** Connections are accepted and reset at once, as by a load balancer without a backend. */
        record Reset() implements Mode {}

        /** Connections are made and stay, and no byte passes, as with a cut cable; what was sent passes afterwards. */
        record Hang() implements Mode {}

        /** Each piece of an answer comes so much later. */
        record Delay(Duration late) implements Mode {}
    }

    private final int target;
    private final int port;
    private final Queue<Socket> open = new ConcurrentLinkedQueue<>();
    private final AtomicInteger accepted = new AtomicInteger();
    private final CountDownLatch closed = new CountDownLatch(1);

    /** Guarded by this, whose waiters are notified of each change. */
    private Mode mode = new Mode.Pass();

    /** Guarded by this; null while the port refuses connections. */
    private ServerSocket listener;

    /** Guarded by this; accepts from {@link #listener}. */
    private Thread acceptor;

    /** @param target the port of the API server */
    ApiServerProxy(int target) throws IOException {
        this.target = target;
        // No other process gets this port while the proxy does not listen.
        this.port = ServerProcess.freePort();
        listen(port);
    }

    /** The address for a kubeconfig. */
    String url() {
        return "https://127.0.0.1:" + port;
    }

    /** How many connections were made so far. */
    int accepted() {
        return accepted.get();
    }

    /** Lets everything pass. */
    void pass() throws IOException {
        to(new Mode.Pass());
    }

    /** Changes what becomes of connections, from this moment on. */
    synchronized void to(Mode next) throws IOException {
        mode = next;
        switch (next) {
            case Mode.Refuse _ -> {
                stopListening();
                cut(false);
            }
            case Mode.Reset _ -> cut(true);
            case Mode.Pass _, Mode.Hang _, Mode.Delay _ -> {}
        }
        if (listener == null && !(next instanceof Mode.Refuse)) {
            listen(port);
        }
        notifyAll();
    }

    /** Closes all open connections; new ones are treated as before. */
    void cut() {
        cut(false);
    }

    private void cut(boolean reset) {
        for (Socket socket = open.poll(); socket != null; socket = open.poll()) {
            end(socket, reset);
        }
    }

    private static void end(Socket socket, boolean reset) {
        try (socket) {
            if (reset) {
                socket.setSoLinger(true, 0);
            }
        } catch (IOException e) {
            return; // it has ended by itself
        }
    }

    private synchronized void listen(int number) throws IOException {
        ServerSocket socket = new ServerSocket();
        socket.setReuseAddress(true);
        socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), number), 50);
        listener = socket;
        acceptor = Thread.ofVirtual().name("api-server-proxy").start(() -> accept(socket));
    }

    private synchronized void stopListening() throws IOException {
        if (listener == null) {
            return;
        }
        listener.close();
        try {
            // The kernel keeps listening until the accept call has returned.
            acceptor.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted before the port was closed", e);
        }
        listener = null;
    }

    private void accept(ServerSocket socket) {
        try {
            while (true) {
                Socket client = socket.accept();
                accepted.incrementAndGet();
                Thread.ofVirtual().name("api-server-connection").start(() -> serve(client));
            }
        } catch (IOException e) {
            return; // closed
        }
    }

    private void serve(Socket client) {
        try {
            if (!stays(client)) {
                return;
            }
            Socket server = new Socket(InetAddress.getLoopbackAddress(), target);
            if (!stays(server)) {
                return;
            }
            Thread.ofVirtual().name("api-server-questions").start(() -> pass(client, server, false));
            pass(server, client, true);
        } catch (IOException e) {
            end(client, false); // nobody is behind us
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Adds a connection to those that are open, unless there are to be none. */
    private synchronized boolean stays(Socket socket) throws InterruptedException {
        open.add(socket);
        Mode now = awaitNoHang();
        boolean ends = now instanceof Mode.Refuse || now instanceof Mode.Reset;
        if (ends) {
            cut(now instanceof Mode.Reset);
        }
        return !ends;
    }

    private void pass(Socket from, Socket to, boolean answers) {
        byte[] piece = new byte[16 * 1024];
        try (from;
                to;
                InputStream in = from.getInputStream();
                OutputStream out = to.getOutputStream()) {
            for (int n = in.read(piece); n >= 0; n = in.read(piece)) {
                Mode now = awaitNoHang();
                if (answers
                        && now instanceof Mode.Delay(var late)
                        && closed.await(late.toMillis(), TimeUnit.MILLISECONDS)) {
                    return;
                }
                out.write(piece, 0, n);
            }
        } catch (IOException e) {
            return; // closed
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            open.remove(from);
        }
    }

    /** Waits while nothing passes; returns what is the mode then. */
    private synchronized Mode awaitNoHang() throws InterruptedException {
        while (mode instanceof Mode.Hang) {
            wait();
        }
        return mode;
    }

    @Override
    public void close() throws IOException {
        closed.countDown();
        to(new Mode.Refuse());
    }
}
