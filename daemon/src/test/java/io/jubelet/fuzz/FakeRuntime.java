/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.fuzz;

import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A gRPC server on a socket that answers each call with the next of the given messages, or each
 * connection with given bytes.
 */
final class FakeRuntime implements Closeable {

    private static final int PREFACE = 24;
    private static final int DATA = 0;
    private static final int HEADERS = 1;
    private static final int SETTINGS = 4;
    private static final int END_STREAM = 1;
    private static final int ACK = 1;
    private static final int END_HEADERS = 4;

    private final ServerSocketChannel listener;
    private volatile List<byte[]> messages = List.of();
    private final AtomicInteger next = new AtomicInteger();
    private volatile byte[] bytes = new byte[0];
    private volatile boolean raw;

    FakeRuntime(Path socket) throws IOException {
        listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        SocketAddress address = UnixDomainSocketAddress.of(socket);
        listener.bind(address);
        Thread.ofPlatform().daemon().name("fake-runtime").start(this::accept);
    }

    /** Answers the next calls with these messages, in a circle. */
    void answer(List<byte[]> answers) {
        raw = false;
        messages = List.copyOf(answers);
        next.set(0);
    }

    /** Answers the next call with these bytes, and closes the connection. */
    void answerRaw(byte[] answer) {
        bytes = answer;
        raw = true;
    }

    private void accept() {
        while (true) {
            try {
                SocketChannel accepted = listener.accept();
                Thread.ofVirtual().start(() -> serve(accepted));
            } catch (IOException _) {
                return; // closed
            }
        }
    }

    private void serve(SocketChannel channel) {
        try (channel) {
            DataInputStream in = new DataInputStream(Channels.newInputStream(channel));
            OutputStream out = Channels.newOutputStream(channel);
            in.readFully(new byte[PREFACE]);
            if (!raw) {
                out.write(frame(SETTINGS, 0, 0, new byte[0]));
            }
            while (true) {
                int length = in.readUnsignedByte() << 16 | in.readUnsignedShort();
                int type = in.readUnsignedByte();
                int flags = in.readUnsignedByte();
                int stream = in.readInt();
                in.readFully(new byte[length]);
                if (type == DATA && (flags & END_STREAM) != 0) {
                    if (raw) {
                        out.write(bytes);
                        return;
                    }
                    out.write(response(stream, messages.get(next.getAndIncrement() % messages.size())));
                } else if (type == SETTINGS && (flags & ACK) == 0 && !raw) {
                    out.write(frame(SETTINGS, ACK, 0, new byte[0]));
                }
            }
        } catch (IOException _) {
            // The client closed the connection.
        }
    }

    /** The frames of a response with one message. */
    static byte[] response(int stream, byte[] message) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream head = new ByteArrayOutputStream();
        head.write(0x88); // :status 200, of the static table
        head.write(header("content-type", "application/grpc"));
        out.write(frame(HEADERS, END_HEADERS, stream, head.toByteArray()));
        ByteArrayOutputStream framed = new ByteArrayOutputStream();
        framed.write(0);
        framed.write(number(message.length, 4));
        framed.write(message);
        out.write(frame(DATA, 0, stream, framed.toByteArray()));
        out.write(frame(HEADERS, END_HEADERS | END_STREAM, stream, header("grpc-status", "0")));
        return out.toByteArray();
    }

    /** The frames that begin a connection. */
    static byte[] settings() throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(frame(SETTINGS, 0, 0, new byte[] {0, 3, 0, 0, 0, 100}));
        out.write(frame(SETTINGS, ACK, 0, new byte[0]));
        return out.toByteArray();
    }

    private static byte[] header(String name, String value) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(0); // a literal that is not added to the table
        out.write(name.length());
        out.write(name.getBytes(StandardCharsets.US_ASCII));
        out.write(value.length());
        out.write(value.getBytes(StandardCharsets.US_ASCII));
        return out.toByteArray();
    }

    private static byte[] frame(int type, int flags, int stream, byte[] payload) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(number(payload.length, 3));
        out.write(type);
        out.write(flags);
        out.write(number(stream, 4));
        out.write(payload);
        return out.toByteArray();
    }

    private static byte[] number(int value, int bytes) {
        byte[] number = new byte[bytes];
        for (int i = 0; i < bytes; i++) {
            number[i] = (byte) (value >>> (8 * (bytes - 1 - i)));
        }
        return number;
    }

    @Override
    public void close() throws IOException {
        listener.close();
    }
}
