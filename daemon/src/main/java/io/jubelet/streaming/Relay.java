/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.streaming;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Copies what one connection receives to another one that has the same event loop, until one of them ends.
 *
 * <p>Reading stops while the other connection has more to send than its high-water mark, so a slow reader holds one such
 * window and one read. When a connection ends, the other one is closed after it has sent what it has, within
 * {@link #DRAIN_LIMIT}.
 */
final class Relay extends ChannelInboundHandlerAdapter {

    private static final Logger LOG = LoggerFactory.getLogger(Relay.class);

    /** How long a connection has, after the end of the other one, to send what is left. */
    static final Duration DRAIN_LIMIT = Duration.ofSeconds(30);

    /** An event of the connection to the runtime: its streams are open, so the client can be read. */
    static final Object STREAMS_OPEN = new Object();

    private final Channel peer;
    private @Nullable ChannelFuture lastWrite;

    private Relay(Channel peer) {
        this.peer = peer;
    }

    /**
     * Connects two channels of one event loop, on its thread.
     *
     * @param open whether the client is read from now on; otherwise after {@link #STREAMS_OPEN}
     */
    static void join(Channel client, Channel runtime, boolean open) {
        client.config().setAutoRead(open);
        client.pipeline().addLast(new Relay(runtime));
        runtime.pipeline().addLast(new Relay(client));
        runtime.config().setAutoRead(true);
        if (!client.isActive()) {
            runtime.close();
        }
        if (!runtime.isActive()) {
            client.close();
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        lastWrite = peer.write(message);
        if (!peer.isWritable()) {
            peer.flush();
            context.channel().config().setAutoRead(peer.isWritable());
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        peer.flush();
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        peer.config().setAutoRead(context.channel().isWritable());
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (event == STREAMS_OPEN) {
            peer.config().setAutoRead(true);
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        ChannelFuture last = lastWrite;
        if (last == null || last.isDone() || !peer.isActive()) {
            peer.close();
            return;
        }
        last.addListener(_ -> peer.close());
        peer.eventLoop().schedule(() -> peer.close(), DRAIN_LIMIT.toMillis(), TimeUnit.MILLISECONDS);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        LOG.debug("a stream ended: {}", cause.toString());
        context.close();
    }
}
