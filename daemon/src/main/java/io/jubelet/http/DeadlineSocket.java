/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.http;

import io.jubelet.concurrent.Threads;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;

/**
 * A TCP connection with one deadline for everything, from the name lookup to the last byte: the
 * timeout of a plain socket starts again with each byte. Used by one thread at a time, which should
 * be a virtual one.
 */
public final class DeadlineSocket extends Socket {

    private final Deadline deadline;

    private DeadlineSocket(Deadline deadline) {
        this.deadline = deadline;
    }

    /**
     * Connects to the first address of the host that accepts.
     *
     * @throws IOException with the messages of Go programs, because users know them from the
     *     kubelet
     */
    public static DeadlineSocket connect(String host, int port, Deadline deadline) throws IOException {
        IOException last = null;
        for (InetAddress address : resolve(host, deadline)) {
            DeadlineSocket socket = new DeadlineSocket(deadline);
            try {
                socket.connect(new InetSocketAddress(address, port), deadline.millisLeft());
                socket.setTcpNoDelay(true);
                return socket;
            } catch (SocketTimeoutException e) {
                socket.close();
                throw timeout("dial tcp " + HttpRequest.authority(host, port), e);
            } catch (IOException e) {
                socket.close();
                last = new ConnectException(
                        "dial tcp " + HttpRequest.authority(host, port) + ": connect: " + message(e));
            }
        }
        throw last;
    }

    private static IOException timeout(String what, SocketTimeoutException cause) {
        SocketTimeoutException e = new SocketTimeoutException(what + ": i/o timeout");
        e.initCause(cause);
        return e;
    }

    private static String message(IOException e) {
        String message = e.getMessage() == null ? e.toString() : e.getMessage();
        return message.startsWith("Connection refused") ? "connection refused" : message;
    }

    /**
     * Names are rare. They are looked up on a thread of their own, because the JDK has no lookup
     * with a timeout.
     */
    private static InetAddress[] resolve(String host, Deadline deadline) throws IOException {
        if (host.equals("localhost")) {
            return new InetAddress[] {InetAddress.getLoopbackAddress()};
        }
        try {
            return new InetAddress[] {InetAddress.ofLiteral(host)};
        } catch (IllegalArgumentException _) {
            return lookUp(host, deadline);
        }
    }

    private static InetAddress[] lookUp(String host, Deadline deadline) throws IOException {
        AtomicReference<InetAddress[]> found = new AtomicReference<>();
        Thread thread = Threads.startPlatform("resolve/" + host, () -> {
            try {
                found.set(InetAddress.getAllByName(host));
            } catch (UnknownHostException _) {
                found.set(new InetAddress[0]);
            }
        });
        try {
            if (!thread.join(Duration.ofMillis(deadline.millisLeft()))) {
                throw new SocketTimeoutException("lookup " + host + ": i/o timeout");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while looking up " + host, e);
        }
        if (found.get() == null || found.get().length == 0) {
            throw new UnknownHostException("dial tcp: lookup " + host + ": no such host");
        }
        return found.get();
    }

    @Override
    public InputStream getInputStream() throws IOException {
        return new FilterInputStream(super.getInputStream()) {
            @Override
            public int read() throws IOException {
                setSoTimeout(deadline.millisLeft());
                return super.read();
            }

            @Override
            public int read(byte[] bytes, int offset, int length) throws IOException {
                setSoTimeout(deadline.millisLeft());
                return super.read(bytes, offset, length);
            }
        };
    }
}
