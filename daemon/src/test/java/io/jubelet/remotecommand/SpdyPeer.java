/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.remotecommand;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.spdy.DefaultSpdyDataFrame;
import io.netty.handler.codec.spdy.DefaultSpdySynReplyFrame;
import io.netty.handler.codec.spdy.SpdyDataFrame;
import io.netty.handler.codec.spdy.SpdyFrameCodec;
import io.netty.handler.codec.spdy.SpdySynStreamFrame;
import io.netty.handler.codec.spdy.SpdyVersion;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** The runtime's end of a forwarded port: SPDY in the messages of a WebSocket. For one thread. */
public final class SpdyPeer {

    private final StreamServer.Peer peer;
    private final EmbeddedChannel codec =
            new EmbeddedChannel(new SpdyFrameCodec(SpdyVersion.SPDY_3_1, 1 << 16, 1 << 14, 1, 15, 8));
    private final Map<String, Integer> streams = new HashMap<>();
    private String port = "";

    public SpdyPeer(StreamServer.Peer peer) {
        this.peer = peer;
    }

    /** Waits for the two streams of a connection, and returns the port that they name. */
    public String awaitStreams() throws InterruptedException {
        while (streams.size() < 2) {
            SpdySynStreamFrame frame = (SpdySynStreamFrame) next().orElseThrow();
            streams.put(frame.headers().getAsString("streamtype"), frame.streamId());
            port = frame.headers().getAsString("port");
            send(new DefaultSpdySynReplyFrame(frame.streamId()));
        }
        return port;
    }

    /** The next data of the client; empty at the end of its part. */
    public Optional<byte[]> receive() throws InterruptedException {
        while (true) {
            Optional<Object> frame = next();
            if (frame.isEmpty()) {
                return Optional.empty();
            }
            if (frame.get() instanceof SpdyDataFrame data && data.streamId() == streams.get("data")) {
                return data.isLast() ? Optional.empty() : Optional.of(ByteBufUtil.getBytes(data.content()));
            }
        }
    }

    /** All data of the client. */
    public byte[] receiveAll() throws InterruptedException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (Optional<byte[]> data = receive(); data.isPresent(); data = receive()) {
            all.writeBytes(data.get());
        }
        return all.toByteArray();
    }

    private Optional<Object> next() throws InterruptedException {
        while (true) {
            Object frame = codec.readInbound();
            if (frame != null) {
                return Optional.of(frame);
            }
            Optional<StreamServer.Message> message = peer.receive();
            if (message.isEmpty()) {
                return Optional.empty();
            }
            // The first byte belongs to the data here.
            codec.writeInbound(Unpooled.wrappedBuffer(
                    new byte[] {(byte) message.get().channel()}, message.get().data()));
        }
    }

    /** Sends data. */
    public void send(byte[] data) {
        send(new DefaultSpdyDataFrame(streams.get("data"), Unpooled.wrappedBuffer(data)));
    }

    /** Ends the data, and then says what went wrong, in the order of containerd. */
    public void fail(String message) {
        send(new DefaultSpdyDataFrame(streams.get("data")).setLast(true));
        send(new DefaultSpdyDataFrame(streams.get("error"), Unpooled.copiedBuffer(message, StandardCharsets.UTF_8)));
        send(new DefaultSpdyDataFrame(streams.get("error")).setLast(true));
    }

    /** Ends the data, without an error. */
    public void end() {
        send(new DefaultSpdyDataFrame(streams.get("data")).setLast(true));
        send(new DefaultSpdyDataFrame(streams.get("error")).setLast(true));
    }

    private void send(Object frame) {
        codec.writeOutbound(frame);
        for (ByteBuf part = codec.readOutbound(); part != null; part = codec.readOutbound()) {
            peer.channel().writeAndFlush(new BinaryWebSocketFrame(part)).syncUninterruptibly();
        }
    }
}
