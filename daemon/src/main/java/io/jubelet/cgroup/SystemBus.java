/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cgroup;

import io.jubelet.concurrent.Threads;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HexFormat;

/**
 * Calls systemd over the system bus, with one connection for each call. Calls are rare, and so no
 * connection has to be kept alive between them. A process of busctl would cost ten times as much.
 *
 * <p>Sources: the D-Bus specification, org.freedesktop.systemd1(5). Safe for use by many threads.
 */
final class SystemBus {

    static final Path SOCKET = Path.of("/run/dbus/system_bus_socket");

    private static final Duration TIMEOUT = Duration.ofSeconds(25);
    private static final int MAX_SIZE = 1 << 20;
    private static final int CALL = 1;
    private static final int REPLY = 2;
    private static final int ERROR = 3;

    private final Path socket;

    SystemBus(Path socket) {
        this.socket = socket;
    }

    /**
     * Calls a method of systemd's manager.
     *
     * @return the name of the error; empty if there is none
     * @throws IOException if systemd cannot be reached or does not answer in 25 s
     */
    String callSystemd(String method, String signature, DbusBody body) throws IOException {
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            Thread guard = Threads.startVirtual("system-bus", () -> closeAfterTimeout(channel));
            try {
                channel.connect(UnixDomainSocketAddress.of(socket));
                authenticate(channel);
                String bus = "org.freedesktop.DBus";
                String error = call(channel, 1, bus, "/org/freedesktop/DBus", bus, "Hello", "", new DbusBody());
                if (!error.isEmpty()) {
                    throw new IOException(error);
                }
                String systemd = "org.freedesktop.systemd1";
                return call(
                        channel,
                        2,
                        systemd,
                        "/org/freedesktop/systemd1",
                        systemd + ".Manager",
                        method,
                        signature,
                        body);
            } finally {
                guard.interrupt();
            }
        } catch (IOException e) {
            throw new IOException("cannot call systemd at " + socket + ": " + e.getMessage(), e);
        }
    }

    private static void closeAfterTimeout(SocketChannel channel) {
        try {
            Thread.sleep(TIMEOUT);
            channel.close();
        } catch (InterruptedException _) {
            // the reply arrived in time
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void authenticate(SocketChannel channel) throws IOException {
        String uid = Files.getAttribute(Path.of("/proc/self"), "unix:uid").toString();
        String hex = HexFormat.of().formatHex(uid.getBytes(StandardCharsets.US_ASCII));
        write(channel, ("\0AUTH EXTERNAL " + hex + "\r\n").getBytes(StandardCharsets.US_ASCII));
        StringBuilder line = new StringBuilder();
        while (line.indexOf("\r\n") < 0) {
            line.append((char) read(channel, 1).get());
        }
        if (!line.toString().startsWith("OK ")) {
            throw new IOException("the bus denied access: " + line.toString().strip());
        }
        write(channel, "BEGIN\r\n".getBytes(StandardCharsets.US_ASCII));
    }

    private static String call(
            SocketChannel channel,
            int serial,
            String destination,
            String path,
            String interfaceName,
            String method,
            String signature,
            DbusBody body)
            throws IOException {
        byte[] content = body.toBytes();
        DbusBody message = new DbusBody()
                .octet('l')
                .octet(CALL)
                .octet(0)
                .octet(1)
                .number(content.length)
                .number(serial);
        int fields = message.beginArray();
        message.align(8).octet(1).signature("o").text(path);
        message.align(8).octet(2).signature("s").text(interfaceName);
        message.align(8).octet(3).signature("s").text(method);
        message.align(8).octet(6).signature("s").text(destination);
        if (!signature.isEmpty()) {
            message.align(8).octet(8).signature("g").signature(signature);
        }
        message.endArray(fields).align(8);
        write(channel, message.toBytes());
        write(channel, content);
        return readReply(channel, serial);
    }

    /**
     * Reads the reply to a call, and skips signals. Returns the name of the error; empty if there
     * is none.
     */
    private static String readReply(SocketChannel channel, int serial) throws IOException {
        while (true) {
            ByteBuffer head = read(channel, 16);
            int type = head.get(1);
            int length = head.getInt(4);
            int fields = (head.getInt(12) + 7) / 8 * 8;
            if (head.get(0) != 'l' || length < 0 || fields < 0 || length > MAX_SIZE || fields > MAX_SIZE) {
                throw new IOException("malformed reply");
            }
            ByteBuffer header = read(channel, fields);
            read(channel, length);
            String error = "";
            int replyTo = 0;
            int end = head.getInt(12);
            while (header.position() < end) {
                int field = header.get();
                String kind = text(header, header.get());
                switch (kind) {
                    case "s", "o" -> {
                        align(header, 4);
                        String value = text(header, header.getInt());
                        error = field == 4 ? value : error;
                    }
                    case "g" -> text(header, header.get());
                    case "u" -> {
                        align(header, 4);
                        int value = header.getInt();
                        replyTo = field == 5 ? value : replyTo;
                    }
                    default -> throw new IOException("unexpected header field of type " + kind);
                }
                align(header, 8);
            }
            if (replyTo == serial && (type == REPLY || type == ERROR)) {
                return type == ERROR ? error : "";
            }
        }
    }

    private static String text(ByteBuffer from, int length) {
        byte[] text = new byte[length];
        from.get(text).get();
        return new String(text, StandardCharsets.UTF_8);
    }

    private static void align(ByteBuffer buffer, int size) {
        buffer.position(Math.min(buffer.limit(), (buffer.position() + size - 1) / size * size));
    }

    private static void write(SocketChannel channel, byte[] bytes) throws IOException {
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        while (buffer.hasRemaining()) {
            channel.write(buffer);
        }
    }

    private static ByteBuffer read(SocketChannel channel, int length) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
        while (buffer.hasRemaining()) {
            if (channel.read(buffer) < 0) {
                throw new EOFException("the connection was closed");
            }
        }
        return buffer.flip();
    }
}
