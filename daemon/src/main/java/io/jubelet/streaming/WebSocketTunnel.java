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

/** A SPDY connection inside the messages of a WebSocket, as kubectl forwards ports: adds and removes the frames. */
final class WebSocketTunnel extends WebSocketConnection {

    static final String PROTOCOL = "SPDY/3.1+portforward.k8s.io";

    @Override
    void received(ChannelHandlerContext context, ByteBuf data, boolean continued) {
        context.fireChannelRead(data);
    }

    @Override
    public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
        context.write(message instanceof ByteBuf data ? new BinaryWebSocketFrame(data) : message, promise);
    }

    @Override
    ByteBuf finalMessage(ChannelHandlerContext context) {
        return Unpooled.EMPTY_BUFFER;
    }

    @Override
    boolean complete() {
        return true;
    }
}
