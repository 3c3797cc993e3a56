/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cri.http2;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * A server that sends the frames of a test, valid or not. Its methods block the thread of the test.
 */
final class ScriptedServer implements AutoCloseable {

    private static final byte[] PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
    /** {@code :status: 200}, of the static table. */
    static final byte STATUS_200 = (byte) 0x88;

    private final ServerSocketChannel listener;
    /** Set by {@link #acceptSilently()}. */
    @SuppressWarnings("NullAway.Init")
    private SocketChannel client;

    ScriptedServer(Path socket) throws IOException {
        this.listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX).bind(UnixDomainSocketAddress.of(socket));
    }

    /** A frame from the client. */
    record Frame(int type, int flags, int stream, byte[] payload) {

        int number(int at) {
            return ByteBuffer.wrap(payload).getInt(at);
        }

        boolean has(int flag) {
            return (flags & flag) != 0;
        }
    }

    /** Accepts the connection of the client and reads its preface. */
    ScriptedServer acceptSilently() throws IOException {
        client = listener.accept();
        assertArrayEquals(PREFACE, read(PREFACE.length));
        assertEquals(Frames.SETTINGS, frame().type());
        assertEquals(Frames.WINDOW_UPDATE, frame().type());
        return this;
    }

    /** Like {@link #acceptSilently()}; sends settings, pairs of names and values. */
    ScriptedServer accept(int... settings) throws IOException {
        acceptSilently().settings(settings).send(Frames.SETTINGS, Frames.ACK, 0, new byte[0]);
        return this;
    }

    Frame frame() throws IOException {
        ByteBuffer head = ByteBuffer.wrap(read(9));
        int length = (head.getShort() & 0xffff) << 8 | (head.get() & 0xff);
        int type = head.get();
        int flags = head.get() & 0xff;
        int stream = head.getInt();
        return new Frame(type, flags, stream, read(length));
    }

    /** Returns the next frame of a type and skips those before it. */
    Frame next(int type) throws IOException {
        Frame frame = frame();
        while (frame.type() != type) {
            frame = frame();
        }
        return frame;
    }

    /** Reads one whole request; returns the number of its stream. */
    int request() throws IOException {
        int stream = next(Frames.HEADERS).stream();
        Frame data = next(Frames.DATA);
        while (!data.has(Frames.END_STREAM)) {
            data = next(Frames.DATA);
        }
        return stream;
    }

    private byte[] read(int length) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(length);
        while (bytes.hasRemaining()) {
            if (client.read(bytes) < 0) {
                throw new EOFException("the client closed the connection");
            }
        }
        return bytes.array();
    }

    ScriptedServer send(int type, int flags, int stream, byte[] payload) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(9 + payload.length);
        bytes.put((byte) (payload.length >>> 16)).putShort((short) payload.length);
        bytes.put((byte) type).put((byte) flags).putInt(stream).put(payload).flip();
        return raw(bytes);
    }

    ScriptedServer raw(ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            client.write(bytes);
        }
        return this;
    }

    ScriptedServer settings(int... settings) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(settings.length / 2 * 6);
        for (int i = 0; i < settings.length; i += 2) {
            bytes.putShort((short) settings[i]).putInt(settings[i + 1]);
        }
        return send(Frames.SETTINGS, 0, 0, bytes.array());
    }

    ScriptedServer windowUpdate(int stream, int bytes) throws IOException {
        return send(Frames.WINDOW_UPDATE, 0, stream, ints(bytes));
    }

    ScriptedServer goAway(int last, int reason) throws IOException {
        return send(Frames.GOAWAY, 0, 0, ints(last, reason));
    }

    ScriptedServer reset(int stream, int reason) throws IOException {
        return send(Frames.RST_STREAM, 0, stream, ints(reason));
    }

    /** Sends the headers of a response: HTTP status 200 and the content type of gRPC. */
    ScriptedServer begin(int stream) throws IOException {
        return send(Frames.HEADERS, Frames.END_HEADERS, stream, answerHeaders());
    }

    static byte[] answerHeaders() {
        return join(new byte[] {STATUS_200}, header("content-type", "application/grpc"));
    }

    ScriptedServer message(int stream, byte[] message) throws IOException {
        return send(Frames.DATA, 0, stream, Request.framed(message));
    }

    ScriptedServer trailers(int stream, int status) throws IOException {
        return send(
                Frames.HEADERS,
                Frames.END_HEADERS | Frames.END_STREAM,
                stream,
                header("grpc-status", Integer.toString(status)));
    }

    /** Sends a whole response with status OK. */
    ScriptedServer answer(int stream, byte[] message) throws IOException {
        return begin(stream).message(stream, message).trailers(stream, 0);
    }

    /** Encodes a header as a literal without indexing; name and value have at most 126 bytes. */
    static byte[] header(String name, String value) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(0);
        out.write(name.length());
        out.writeBytes(name.getBytes(StandardCharsets.US_ASCII));
        out.write(value.length());
        out.writeBytes(value.getBytes(StandardCharsets.US_ASCII));
        return out.toByteArray();
    }

    static byte[] join(byte[]... parts) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            out.writeBytes(part);
        }
        return out.toByteArray();
    }

    static byte[] ints(int... values) {
        ByteBuffer bytes = ByteBuffer.allocate(4 * values.length);
        for (int value : values) {
            bytes.putInt(value);
        }
        return bytes.array();
    }

    /** Closes the connection, as the death of a server does. */
    void hangUp() throws IOException {
        client.close();
    }

    @Override
    public void close() throws IOException {
        listener.close();
        if (client != null) {
            client.close();
        }
    }
}
