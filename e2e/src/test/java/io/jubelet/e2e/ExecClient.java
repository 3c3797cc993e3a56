/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.e2e;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.spdy.DefaultSpdySynStreamFrame;
import io.netty.handler.codec.spdy.SpdyDataFrame;
import io.netty.handler.codec.spdy.SpdyFrameCodec;
import io.netty.handler.codec.spdy.SpdyVersion;
import io.netty.util.ReferenceCountUtil;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/** A client of {@code exec} in one of the protocols of Kubernetes, cheap enough for a thousand of them. */
final class ExecClient implements Closeable {

    private static final int CLOSE = 8;

    /** The streams in the order in which a client opens them, and their numbers in SPDY. */
    private static final List<String> SPDY_STREAMS = List.of("error", "stdout", "stderr");

    private final Closeable connection;
    private final DataInputStream in;
    private final OutputStream out;

    private ExecClient(Closeable connection, InputStream in, OutputStream out) {
        this.connection = connection;
        this.in = new DataInputStream(in);
        this.out = out;
    }

    /** Connects to a Unix socket. */
    static ExecClient local(Path socket) throws IOException {
        SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        channel.connect(UnixDomainSocketAddress.of(socket));
        return new ExecClient(channel, Channels.newInputStream(channel), Channels.newOutputStream(channel));
    }

    /** Uses a connection. */
    static ExecClient over(Socket socket) throws IOException {
        return new ExecClient(socket, socket.getInputStream(), socket.getOutputStream());
    }

    /** Asks for a WebSocket, and fails unless the server agrees. */
    ExecClient webSocket(String target, String protocol) throws IOException {
        upgrade("GET " + target + " HTTP/1.1\r\nHost: n\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                + "Sec-WebSocket-Protocol: " + protocol + "\r\n\r\n");
        return this;
    }

    private void upgrade(String request) throws IOException {
        out.write(request.getBytes(StandardCharsets.US_ASCII));
        out.flush();
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            int next = in.read();
            assertTrue(next >= 0, head::toString);
            head.append((char) next);
        }
        assertTrue(head.toString().startsWith("HTTP/1.1 101 "), head::toString);
    }

    /** Sends text to the standard input by WebSocket. */
    void send(String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
        ByteBuffer frame = ByteBuffer.allocate(bytes.length + 7)
                .put((byte) 0x82)
                .put((byte) (0x80 | (bytes.length + 1)))
                .putInt(0)
                .put((byte) 0)
                .put(bytes);
        out.write(frame.array());
        out.flush();
    }

    /** The next frame of a WebSocket: the number of the stream, and its text; a frame that ends the connection is empty. */
    String frame() throws IOException {
        int opcode = in.readUnsignedByte() & 15;
        int length = in.readUnsignedByte();
        length = length == 126 ? in.readUnsignedShort() : length;
        byte[] data = new byte[length];
        in.readFully(data);
        return opcode == CLOSE || length == 0 ? "" : data[0] + new String(data, 1, length - 1, StandardCharsets.UTF_8);
    }

    /** Lets a command echo a word, and leaves without ending it. */
    String goes() throws IOException {
        send("word");
        String echoed = next();
        assertTrue(echoed.equals("1word"), echoed);
        close();
        return "gone";
    }

    /** What a command sends by WebSocket until its end: the standard output, and its status. */
    String result() throws IOException {
        StringBuilder output = new StringBuilder();
        String status = "";
        for (String frame = next(); !frame.isEmpty(); frame = next()) {
            output.append(frame.startsWith("1") ? frame.substring(1) : "");
            status = frame.startsWith("3") ? frame.substring(1) : status;
        }
        return output + status;
    }

    private String next() throws IOException {
        String frame = frame();
        // The streaming server of the runtime begins with an empty message for each stream.
        while (frame.length() == 1) {
            frame = frame();
        }
        return frame;
    }

    /** Runs a command by SPDY to its end: the standard output, and its status. */
    String spdy(String target) throws IOException {
        upgrade("POST " + target + " HTTP/1.1\r\nHost: n\r\nConnection: Upgrade\r\nUpgrade: SPDY/3.1\r\n"
                + "X-Stream-Protocol-Version: v4.channel.k8s.io\r\nContent-Length: 0\r\n\r\n");
        EmbeddedChannel codec = new EmbeddedChannel(new SpdyFrameCodec(SpdyVersion.SPDY_3_1));
        for (int i = 0; i < SPDY_STREAMS.size(); i++) {
            DefaultSpdySynStreamFrame frame = new DefaultSpdySynStreamFrame(2 * i + 1, 0, (byte) 0);
            frame.headers().set("streamtype", SPDY_STREAMS.get(i));
            codec.writeOutbound(frame);
        }
        for (ByteBuf part = codec.readOutbound(); part != null; part = codec.readOutbound()) {
            part.readBytes(out, part.readableBytes());
            part.release();
        }
        out.flush();
        codec.writeInbound(Unpooled.wrappedBuffer(in.readAllBytes()));
        ByteArrayOutputStream output = new ByteArrayOutputStream();
        StringBuilder status = new StringBuilder();
        for (Object frame = codec.readInbound(); frame != null; frame = codec.readInbound()) {
            if (frame instanceof SpdyDataFrame data && data.streamId() == 1) {
                status.append(data.content().toString(StandardCharsets.UTF_8));
            } else if (frame instanceof SpdyDataFrame data && data.streamId() == 3) {
                data.content().readBytes(output, data.content().readableBytes());
            }
            ReferenceCountUtil.release(frame);
        }
        codec.finishAndReleaseAll();
        return output.toString(StandardCharsets.UTF_8) + status;
    }

    @Override
    public void close() throws IOException {
        connection.close();
    }
}
