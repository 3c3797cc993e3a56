/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.remotecommand;

import io.jubelet.api.ClientException;
import io.jubelet.api.LocalClient;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.netty.handler.codec.spdy.DefaultSpdyDataFrame;
import io.netty.handler.codec.spdy.DefaultSpdySynStreamFrame;
import io.netty.handler.codec.spdy.SpdyDataFrame;
import io.netty.handler.codec.spdy.SpdyFrameCodec;
import io.netty.handler.codec.spdy.SpdyGoAwayFrame;
import io.netty.handler.codec.spdy.SpdyPingFrame;
import io.netty.handler.codec.spdy.SpdyRstStreamFrame;
import io.netty.handler.codec.spdy.SpdySynStreamFrame;
import io.netty.handler.codec.spdy.SpdyVersion;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A TCP connection of this machine that is continued to a port of a pod: SPDY in the messages of a WebSocket, the protocol
 * of kubectl, because in the plain WebSocket protocol for ports neither side can end its part of a connection.
 *
 * <p>Each TCP connection has a WebSocket of its own, so one that is not read holds up no other.
 */
public final class ForwardedConnection implements AutoCloseable {

    private static final String PROTOCOL = "SPDY/3.1+portforward.k8s.io";

    private static final int ERROR_STREAM = 1;
    private static final int DATA_STREAM = 3;
    private static final int MAX_DATA = 32 << 10;
    private static final int MAX_HEADERS = 16 << 10;
    private static final int MAX_MESSAGE = 4 << 10;

    private final WebSocketConnection connection;
    private final EmbeddedChannel codec =
            new EmbeddedChannel(new SpdyFrameCodec(SpdyVersion.SPDY_3_1, MAX_DATA, MAX_HEADERS, 1, 15, 8));
    private final StringBuilder message = new StringBuilder();
    /** Whether the pod has ended its data, and what went wrong with them; runtimes end them in either order. */
    private boolean dataEnded;

    private boolean errorsEnded;

    private ForwardedConnection(WebSocketConnection connection) {
        this.connection = connection;
    }

    /**
     * Connects to a pod, but not yet to one of its ports.
     *
     * @throws ClientException if there is no daemon, or it refuses
     */
    public static ForwardedConnection open(LocalClient client, String namespace, String pod) throws ClientException {
        String target = "/portForward/" + LocalClient.encode(namespace) + "/" + LocalClient.encode(pod);
        return new ForwardedConnection(WebSocketConnection.open(client, target, PROTOCOL));
    }

    /**
     * Connects to a port, and copies both ways until the pod has ended its part, or one of the connections breaks. Blocks; at
     * the end both are closed.
     *
     * @return the error of the other end; empty if there was none
     * @throws IOException if the daemon or the local connection is gone
     */
    public Optional<String> forward(SocketChannel local, int port) throws IOException {
        try (local;
                this) {
            start(ERROR_STREAM, "error", port);
            start(DATA_STREAM, "data", port);
            send(new DefaultSpdyDataFrame(ERROR_STREAM).setLast(true));
            Thread sender = Thread.ofVirtual().name("to port " + port).start(() -> send(local));
            try {
                receive(local);
            } finally {
                sender.interrupt();
            }
            return message.isEmpty() ? Optional.empty() : Optional.of(message.toString());
        }
    }

    private void start(int stream, String type, int port) throws IOException {
        SpdySynStreamFrame frame = new DefaultSpdySynStreamFrame(stream, 0, (byte) 0);
        frame.headers().set("streamtype", type);
        frame.headers().set("port", Integer.toString(port));
        frame.headers().set("requestid", "0");
        send(frame);
    }

    private void send(Object frame) throws IOException {
        // Encoding and sending together keep the order, which the compression of headers needs.
        synchronized (this) {
            ByteBuf whole = Unpooled.buffer();
            synchronized (codec) {
                codec.writeOutbound(frame);
                for (ByteBuf part = codec.readOutbound(); part != null; part = codec.readOutbound()) {
                    whole.writeBytes(part);
                    part.release();
                }
            }
            connection.send(new BinaryWebSocketFrame(whole));
        }
    }

    /** Sends what comes from here, and then that it has ended. */
    private void send(SocketChannel local) {
        ByteBuffer block = ByteBuffer.allocate(MAX_DATA);
        try {
            while (local.read(block.clear()) >= 0) {
                send(new DefaultSpdyDataFrame(DATA_STREAM, Unpooled.copiedBuffer(block.flip())));
            }
            send(new DefaultSpdyDataFrame(DATA_STREAM).setLast(true));
        } catch (IOException _) {
            // The client here is gone, or the thread that receives reports the lost connection.
            close();
        }
    }

    private void receive(SocketChannel local) throws IOException {
        while (!dataEnded || !errorsEnded) {
            Optional<WebSocketFrame> received;
            try {
                received = connection.next();
            } catch (IOException lost) {
                if (message.isEmpty() && !dataEnded) {
                    throw lost;
                }
                return;
            }
            if (received.isEmpty()) {
                return;
            }
            synchronized (codec) {
                codec.writeInbound(received.get().content());
            }
            for (Object frame = decoded(); frame != null; frame = decoded()) {
                try {
                    handle(frame, local);
                } finally {
                    ReferenceCountUtil.release(frame);
                }
            }
        }
    }

    private @Nullable Object decoded() {
        synchronized (codec) {
            return codec.readInbound();
        }
    }

    private void handle(Object frame, SocketChannel local) throws IOException {
        switch (frame) {
            case SpdyDataFrame data
            when data.streamId() == DATA_STREAM -> {
                for (ByteBuffer part : data.content().nioBuffers()) {
                    while (part.hasRemaining()) {
                        local.write(part);
                    }
                }
                if (data.isLast() && !dataEnded) {
                    dataEnded = true;
                    local.shutdownOutput();
                }
            }
            case SpdyDataFrame error
            when error.streamId() == ERROR_STREAM -> {
                String text = error.content().toString(StandardCharsets.UTF_8);
                message.append(text, 0, Math.min(text.length(), MAX_MESSAGE - message.length()));
                errorsEnded |= error.isLast();
            }
            case SpdyPingFrame ping when ping.id() % 2 == 0 -> send(ReferenceCountUtil.retain(ping));
            case SpdyRstStreamFrame reset -> {
                if (message.isEmpty()) {
                    message.append("the other end reset stream ").append(reset.streamId());
                }
                dataEnded = true;
                errorsEnded = true;
            }
            case SpdyGoAwayFrame _ -> {
                dataEnded = true;
                errorsEnded = true;
            }
            default -> {
                // Replies and settings need no action.
            }
        }
    }

    @Override
    public void close() {
        connection.close();
    }
}
