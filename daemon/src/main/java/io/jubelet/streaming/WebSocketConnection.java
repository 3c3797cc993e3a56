/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.streaming;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.ContinuationWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PongWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketCloseStatus;
import io.netty.handler.codec.http.websocketx.WebSocketDecoderConfig;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketServerHandshaker13;
import io.netty.util.ReferenceCountUtil;
import java.util.concurrent.TimeUnit;

/**
 * The connection of a client that speaks a WebSocket protocol which the runtime does not: answers pings, ends the protocol in
 * its own way, and leaves the messages to a subclass.
 */
abstract class WebSocketConnection extends ChannelDuplexHandler {

    /** The longest frame that a client may send, in bytes. kubectl sends at most 32 KiB at once. */
    static final int MAX_FRAME = 256 * 1024;

    private boolean closeSent;

    /**
     * Changes a connection that is taken over to WebSocket.
     *
     * @param head the request of the client
     * @param protocol the protocol that was chosen among those of the client
     * @param opened is called on the loop thread when the client was answered
     */
    static void open(ChannelPipeline pipeline, HttpRequest head, String protocol, Runnable opened) {
        Channel channel = pipeline.channel();
        FullHttpRequest request = new DefaultFullHttpRequest(
                head.protocolVersion(),
                head.method(),
                head.uri(),
                Unpooled.EMPTY_BUFFER,
                head.headers(),
                head.headers().copy().clear());
        WebSocketDecoderConfig limits = WebSocketDecoderConfig.newBuilder()
                .maxFramePayloadLength(MAX_FRAME)
                .withUTF8Validator(false)
                .build();
        new WebSocketServerHandshaker13(head.uri(), protocol, limits)
                .handshake(channel, request)
                .addListener(answered -> {
                    if (answered.isSuccess()) {
                        opened.run();
                    } else {
                        channel.close();
                    }
                });
    }

    /** Passes on a part of a message of the client, and its reference. */
    abstract void received(ChannelHandlerContext context, ByteBuf data, boolean continued);

    /** Returns what has to be sent before the end of the protocol; may be empty. */
    abstract ByteBuf finalMessage(ChannelHandlerContext context);

    /** Whether the streams have ended as the client expects it. */
    abstract boolean complete();

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        switch (message) {
            case PingWebSocketFrame ping
            when context.channel().isWritable() -> context.writeAndFlush(new PongWebSocketFrame(ping.content()));
            // A client that sends pings and reads nothing must not make the answers pile up.
            case PingWebSocketFrame ping -> ping.release();
            case CloseWebSocketFrame close -> {
                closeSent = true;
                context.writeAndFlush(close).addListener(ChannelFutureListener.CLOSE);
            }
            case PongWebSocketFrame pong -> pong.release();
            case WebSocketFrame frame ->
                received(context, frame.content(), frame instanceof ContinuationWebSocketFrame);
            default -> ReferenceCountUtil.release(message);
        }
    }

    @Override
    public void close(ChannelHandlerContext context, ChannelPromise promise) {
        if (closeSent || !context.channel().isActive()) {
            context.close(promise);
            return;
        }
        closeSent = true;
        ByteBuf last = finalMessage(context);
        if (last.isReadable()) {
            context.write(new BinaryWebSocketFrame(last));
        } else {
            last.release();
        }
        context.writeAndFlush(new CloseWebSocketFrame(
                        complete() ? WebSocketCloseStatus.NORMAL_CLOSURE : WebSocketCloseStatus.INTERNAL_SERVER_ERROR))
                .addListener(_ -> context.close(promise));
        // The client may never read it.
        context.executor().schedule(() -> context.close(), Relay.DRAIN_LIMIT.toMillis(), TimeUnit.MILLISECONDS);
    }
}
