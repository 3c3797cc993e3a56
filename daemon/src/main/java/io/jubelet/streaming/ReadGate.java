/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.streaming;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;

/**
 * Lets nothing read from a connection while its automatic reading is off. Netty's SPDY codec asks for more after each read in
 * that state, however many frames it has passed on, which would fill the memory for a client that reads nothing. Stands before
 * the codec.
 */
final class ReadGate extends ChannelOutboundHandlerAdapter {

    @Override
    public void read(ChannelHandlerContext context) {
        if (context.channel().config().isAutoRead()) {
            context.read();
        }
    }
}
