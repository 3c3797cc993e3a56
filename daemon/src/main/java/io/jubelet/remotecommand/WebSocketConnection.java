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
import io.netty.handler.codec.CodecException;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PongWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketClientHandshaker;
import io.netty.handler.codec.http.websocketx.WebSocketClientHandshakerFactory;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketHandshakeException;
import io.netty.handler.codec.http.websocketx.WebSocketVersion;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A WebSocket over the socket of the daemon. Reads and writes block.
 *
 * <p>Netty's codec runs in an {@link EmbeddedChannel}, without an event loop: a frame is read from the socket when the caller
 * asks for one and not before, which makes back-pressure of itself, and a command needs no thread for its I/O.
 *
 * <p>One thread may read while others write; writers take turns.
 */
final class WebSocketConnection implements AutoCloseable {

    /** A daemon sends frames of some tens of kilobytes. */
    static final int MAX_FRAME_BYTES = 1 << 20;

    private static final int MAX_RESPONSE_BYTES = 64 << 10;
    private static final int READ_BYTES = 64 << 10;

    private final SocketChannel socket;
    private final EmbeddedChannel codec;
    private final ByteBuffer received = ByteBuffer.allocate(READ_BYTES);
    /** Keeps the frames of several writers whole, and in the order in which they were encoded. */
    private final Object writing = new Object();
    /** Why nothing more can be decoded; null while all is well. Guarded by the codec. */
    private @Nullable CodecException malformed;

    private WebSocketConnection(SocketChannel socket) {
        this.socket = socket;
        this.codec = new EmbeddedChannel(new HttpClientCodec(), new HttpObjectAggregator(MAX_RESPONSE_BYTES));
    }

    /**
     * Opens a connection.
     *
     * @param target path and query, already encoded
     * @param protocols the subprotocols that the caller understands, by preference, separated by commas
     * @throws ClientException if there is no daemon, or it refuses
     */
    static WebSocketConnection open(LocalClient client, String target, String protocols) throws ClientException {
        WebSocketConnection connection = new WebSocketConnection(client.connect());
        try {
            connection.upgrade(target, protocols);
            return connection;
        } catch (IOException | CodecException | WebSocketHandshakeException broken) {
            connection.close();
            throw client.broken(broken);
        } catch (ClientException refused) {
            connection.close();
            throw refused;
        }
    }

    private void upgrade(String target, String protocols) throws IOException, ClientException {
        WebSocketClientHandshaker handshaker = WebSocketClientHandshakerFactory.newHandshaker(
                URI.create("ws://localhost" + target),
                WebSocketVersion.V13,
                protocols,
                false,
                EmptyHttpHeaders.INSTANCE,
                MAX_FRAME_BYTES);
        handshaker.handshake(codec);
        flush();
        FullHttpResponse response = (FullHttpResponse) receive();
        try {
            if (!response.status().equals(HttpResponseStatus.SWITCHING_PROTOCOLS)) {
                byte[] body = new byte[response.content().readableBytes()];
                response.content().readBytes(body);
                throw LocalClient.refused(response.status().code(), body);
            }
            handshaker.finishHandshake(codec, response);
        } finally {
            response.release();
        }
        codec.runPendingTasks();
        // What came in one read with the response was passed on undecoded.
        List<Object> early = new ArrayList<>();
        for (Object part = codec.readInbound(); part != null; part = codec.readInbound()) {
            early.add(part);
        }
        early.forEach(codec::writeInbound);
    }

    /**
     * Waits for the next frame that has data; the caller releases it. Empty when the daemon has closed the connection as
     * WebSocket demands.
     *
     * @throws EOFException if the connection broke
     */
    Optional<WebSocketFrame> next() throws IOException {
        while (true) {
            WebSocketFrame frame = (WebSocketFrame) receive();
            if (frame instanceof CloseWebSocketFrame) {
                frame.release();
                return Optional.empty();
            }
            if (frame instanceof PingWebSocketFrame) {
                send(new PongWebSocketFrame(frame.content()));
            } else if (frame instanceof PongWebSocketFrame) {
                frame.release();
            } else {
                return Optional.of(frame);
            }
        }
    }

    private Object receive() throws IOException {
        while (true) {
            synchronized (codec) {
                Object decoded = codec.readInbound();
                if (decoded != null) {
                    return decoded;
                }
                if (malformed != null) {
                    throw new IOException(
                            "the daemon sent something else than WebSocket: " + malformed.getMessage(), malformed);
                }
            }
            if (read() < 0) {
                throw closed(null);
            }
            synchronized (codec) {
                try {
                    codec.writeInbound(Unpooled.copiedBuffer(received.flip()));
                } catch (CodecException e) {
                    malformed = e; // behind what was decoded before it
                }
            }
        }
    }

    private int read() throws IOException {
        try {
            return socket.read(received.clear());
        } catch (ClosedChannelException own) {
            throw own;
        } catch (IOException reset) {
            throw closed(reset);
        }
    }

    /** The end of the daemon has many names: an end of the data, a reset, a broken pipe. */
    private static EOFException closed(@Nullable IOException reason) {
        EOFException closed = new EOFException("the daemon closed the connection");
        closed.initCause(reason);
        return closed;
    }

    /** Sends a frame; blocks while the daemon does not read. Releases the frame. */
    void send(WebSocketFrame frame) throws IOException {
        synchronized (writing) {
            synchronized (codec) {
                codec.writeOutbound(frame);
            }
            flush();
        }
    }

    private void flush() throws IOException {
        while (true) {
            ByteBuf encoded;
            synchronized (codec) {
                encoded = codec.readOutbound();
            }
            if (encoded == null) {
                return;
            }
            try {
                for (ByteBuffer part : encoded.nioBuffers()) {
                    while (part.hasRemaining()) {
                        write(part);
                    }
                }
            } finally {
                encoded.release();
            }
        }
    }

    private void write(ByteBuffer part) throws IOException {
        try {
            socket.write(part);
        } catch (ClosedChannelException own) {
            throw own;
        } catch (IOException broken) {
            throw closed(broken);
        }
    }

    /** Closes the connection; a thread that reads or writes gets an exception. */
    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
