/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.streaming;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import java.nio.charset.StandardCharsets;

/**
 * The streams of a command in the protocol {@code v5.channel.k8s.io}: the first byte of each message is the number of a
 * stream. Translates between messages and {@link StreamFrame}s.
 */
final class WebSocketStreams extends WebSocketConnection {

    static final String PROTOCOL = "v5.channel.k8s.io";

    private static final String BROKEN = "{\"metadata\":{},\"status\":\"Failure\",\"message\":\"the stream ended"
            + " before the command did: the container runtime or jubelet has stopped\",\"reason\":\"InternalError\",\"code\":500}";

    private boolean resultSent;
    /** The stream of the message whose parts are received. */
    private int stream;

    @Override
    void received(ChannelHandlerContext context, ByteBuf data, boolean continued) {
        if (!continued) {
            if (!data.isReadable()) {
                data.release();
                return;
            }
            stream = data.readUnsignedByte();
        }
        if (stream == StreamFrame.CLOSE) {
            boolean input = data.isReadable() && data.getUnsignedByte(data.readerIndex()) == StreamFrame.STDIN;
            data.release();
            if (input) {
                context.fireChannelRead(new StreamFrame(StreamFrame.STDIN, Unpooled.EMPTY_BUFFER, true));
            }
        } else if ((stream == StreamFrame.STDIN || stream == StreamFrame.RESIZE) && data.isReadable()) {
            context.fireChannelRead(new StreamFrame(stream, data, false));
        } else {
            data.release();
        }
    }

    @Override
    public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
        if (!(message instanceof StreamFrame frame)) {
            context.write(message, promise);
            return;
        }
        resultSent |= frame.stream() == StreamFrame.ERROR;
        context.write(new BinaryWebSocketFrame(numbered(context, frame.stream(), frame.content())), promise);
    }

    private static ByteBuf numbered(ChannelHandlerContext context, int stream, ByteBuf data) {
        ByteBuf number = context.alloc().buffer(1, 1).writeByte(stream);
        return context.alloc().compositeBuffer(2).addComponents(true, number, data);
    }

    @Override
    ByteBuf finalMessage(ChannelHandlerContext context) {
        return resultSent
                ? Unpooled.EMPTY_BUFFER
                : numbered(context, StreamFrame.ERROR, Unpooled.copiedBuffer(BROKEN, StandardCharsets.UTF_8));
    }

    @Override
    boolean complete() {
        return resultSent;
    }
}
