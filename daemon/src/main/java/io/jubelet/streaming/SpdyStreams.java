/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.streaming;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.spdy.DefaultSpdyDataFrame;
import io.netty.handler.codec.spdy.DefaultSpdySynStreamFrame;
import io.netty.handler.codec.spdy.SpdyDataFrame;
import io.netty.handler.codec.spdy.SpdyFrameCodec;
import io.netty.handler.codec.spdy.SpdyPingFrame;
import io.netty.handler.codec.spdy.SpdyRstStreamFrame;
import io.netty.handler.codec.spdy.SpdySynReplyFrame;
import io.netty.handler.codec.spdy.SpdySynStreamFrame;
import io.netty.handler.codec.spdy.SpdyVersion;
import io.netty.util.ReferenceCountUtil;
import java.util.List;

/**
 * The streams of a command on a SPDY connection to the runtime: opens them, and translates between their frames and
 * {@link StreamFrame}s.
 *
 * <p>Sends data without regard to the windows of SPDY, as every client of a runtime does, because the streaming servers
 * never enlarge them. What limits the data is the connection, which the runtime does not read while the command does not.
 */
final class SpdyStreams extends ChannelDuplexHandler {

    /** The largest part of data that is passed on at once, in bytes. */
    private static final int MAX_CHUNK = 16 * 1024;

    /** How long the headers of a stream may be together, in bytes. The runtime sends none. */
    private static final int MAX_HEADERS = 8 * 1024;

    private static final List<String> TYPES = List.of("stdin", "stdout", "stderr", "error", "resize");

    /** The streams in the order in which they are opened; the n-th has the odd number 2n + 1 in SPDY. */
    private final List<Integer> streams;

    private int open;
    private boolean inputEnded;

    /** @param streams the numbers of the streams, as in {@link StreamFrame} */
    SpdyStreams(List<Integer> streams) {
        this.streams = List.copyOf(streams);
    }

    /** The codec that stands before this handler. */
    static SpdyFrameCodec codec() {
        return new SpdyFrameCodec(SpdyVersion.SPDY_3_1, MAX_CHUNK, MAX_HEADERS, 1, 15, 8);
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        for (int i = 0; i < streams.size(); i++) {
            SpdySynStreamFrame frame = new DefaultSpdySynStreamFrame(2 * i + 1, 0, (byte) 0);
            frame.headers().set("streamtype", TYPES.get(streams.get(i)));
            context.write(frame);
        }
        context.flush();
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (message instanceof SpdyDataFrame data) {
            int index = (data.streamId() - 1) / 2;
            if (data.content().isReadable() && data.streamId() % 2 == 1 && index < streams.size()) {
                context.fireChannelRead(new StreamFrame(streams.get(index), data.content(), data.isLast()));
                return;
            }
        } else if (message instanceof SpdySynReplyFrame) {
            open++;
            if (open == streams.size()) {
                context.fireUserEventTriggered(Relay.STREAMS_OPEN);
            }
        } else if (message instanceof SpdyPingFrame ping && ping.id() % 2 == 0) {
            context.writeAndFlush(ping);
        } else if (message instanceof SpdyRstStreamFrame && open < streams.size()) {
            // Without all of its streams the command does not start.
            context.close();
        }
        ReferenceCountUtil.release(message);
    }

    @Override
    public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
        if (!(message instanceof StreamFrame frame)) {
            context.write(message, promise);
            return;
        }
        int index = streams.indexOf(frame.stream());
        boolean input = frame.stream() == StreamFrame.STDIN;
        if (index < 0 || (input && inputEnded)) {
            frame.release();
            promise.setSuccess();
            return;
        }
        inputEnded |= input && frame.last();
        ByteBuf data = frame.content();
        context.write(new DefaultSpdyDataFrame(2 * index + 1, data).setLast(frame.last()), promise);
    }
}
