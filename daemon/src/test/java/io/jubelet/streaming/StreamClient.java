/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.streaming;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** A client of the local socket that asks for another protocol, and can speak WebSocket. */
final class StreamClient implements AutoCloseable {

    /** A message or control frame of the server. */
    record Frame(int opcode, byte[] data) {

        static final int CLOSE = 8;
        static final int PONG = 10;

        /** The number of the stream and the text behind it. */
        @Override
        public String toString() {
            return opcode != 2 || data.length == 0
                    ? "opcode " + opcode
                    : data[0] + ":" + new String(data, 1, data.length - 1, StandardCharsets.UTF_8);
        }
    }

    private final SocketChannel channel;
    private final DataInputStream in;
    /** The head of the response, and its body if the server did not agree. */
    final String response;

    private StreamClient(SocketChannel channel, DataInputStream in, String response) {
        this.channel = channel;
        this.in = in;
        this.response = response;
    }

    /** Asks for a WebSocket with protocols. */
    static StreamClient webSocket(Path socket, String target, String protocols) throws IOException {
        return ask(
                socket,
                "GET " + target + " HTTP/1.1\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n"
                        + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                        + "Sec-WebSocket-Protocol: " + protocols + "\r\nAuthorization: Bearer secret\r\n\r\n");
    }

    /** Sends a request without waiting for a response. */
    static StreamClient send(Path socket, String head) throws IOException {
        SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket));
        channel.write(ByteBuffer.wrap(head.getBytes(StandardCharsets.US_ASCII)));
        return new StreamClient(channel, new DataInputStream(Channels.newInputStream(channel)), "");
    }

    static StreamClient ask(Path socket, String head) throws IOException {
        StreamClient sent = send(socket, head);
        SocketChannel channel = sent.channel;
        DataInputStream in = sent.in;
        ByteArrayOutputStream response = new ByteArrayOutputStream();
        while (!response.toString(StandardCharsets.UTF_8).endsWith("\r\n\r\n")) {
            int next = in.read();
            if (next < 0) {
                break;
            }
            response.write(next);
        }
        String text = response.toString(StandardCharsets.UTF_8);
        int length = text.indexOf("content-length: ");
        if (!text.startsWith("HTTP/1.1 101 ") && length > 0) {
            String number = text.substring(length + 16, text.indexOf('\r', length));
            text += new String(in.readNBytes(Integer.parseInt(number)), StandardCharsets.UTF_8);
        }
        return new StreamClient(channel, in, text);
    }

    /** Sends a message to a stream. */
    void send(int stream, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        byte[] message = new byte[bytes.length + 1];
        message[0] = (byte) stream;
        System.arraycopy(bytes, 0, message, 1, bytes.length);
        frame(0x82, message);
    }

    /** Sends a frame with its first byte as it is. */
    void frame(int first, byte[] data) throws IOException {
        ByteBuffer frame = ByteBuffer.allocate(data.length + 14).put((byte) first);
        if (data.length < 126) {
            frame.put((byte) (0x80 | data.length));
        } else if (data.length < 65536) {
            frame.put((byte) (0x80 | 126)).putShort((short) data.length);
        } else {
            frame.put((byte) (0x80 | 127)).putLong(data.length);
        }
        raw(frame.putInt(0).put(data).flip());
    }

    void raw(ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    String read(int length) throws IOException {
        return new String(in.readNBytes(length), StandardCharsets.US_ASCII);
    }

    Frame frame() throws IOException {
        int first = in.readUnsignedByte();
        long length = in.readUnsignedByte();
        if (length == 126) {
            length = in.readUnsignedShort();
        } else if (length == 127) {
            length = in.readLong();
        }
        byte[] data = new byte[(int) length];
        in.readFully(data);
        return new Frame(first & 15, data);
    }

    /** Whether the server has closed the connection. */
    boolean ended() throws IOException {
        return in.read() < 0;
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
