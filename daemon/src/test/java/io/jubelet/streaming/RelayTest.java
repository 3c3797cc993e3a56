/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.streaming;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.ReferenceCountUtil;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The end of one of two connections, in steps of time. */
class RelayTest {

    /** A client that never reads: what is written stays. */
    private static final class Stuck extends ChannelOutboundHandlerAdapter {
        @Override
        public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
            ReferenceCountUtil.release(message);
        }
    }

    private final EmbeddedChannel runtime = new EmbeddedChannel();

    private static ByteBuf text(String text) {
        return Unpooled.copiedBuffer(text, StandardCharsets.US_ASCII);
    }

    @Test
    void sendsWhatIsLeftBeforeItCloses() {
        EmbeddedChannel client = new EmbeddedChannel();
        Relay.join(client, runtime, true);
        runtime.writeInbound(text("result"));
        runtime.close();
        ByteBuf sent = client.readOutbound();
        assertEquals("result", sent.toString(StandardCharsets.US_ASCII));
        sent.release();
        assertFalse(client.isActive());
    }

    @Test
    void clientThatNeverReadsIsClosedAfterTheLimit() {
        EmbeddedChannel client = new EmbeddedChannel(new Stuck());
        client.freezeTime();
        Relay.join(client, runtime, true);
        runtime.writeInbound(text("result"));
        runtime.close();
        client.advanceTimeBy(Relay.DRAIN_LIMIT.toMillis() - 1, TimeUnit.MILLISECONDS);
        client.runScheduledPendingTasks();
        assertTrue(client.isActive());
        client.advanceTimeBy(1, TimeUnit.MILLISECONDS);
        client.runScheduledPendingTasks();
        assertFalse(client.isActive());
    }

    @Test
    void webSocketClientThatNeverReadsIsClosedAfterTheLimit() {
        EmbeddedChannel client = new EmbeddedChannel(new Stuck(), new WebSocketStreams());
        client.freezeTime();
        // Not by the channel, which forgets its timers in tests.
        client.pipeline().close();
        assertTrue(client.isActive());
        client.advanceTimeBy(Relay.DRAIN_LIMIT.toMillis(), TimeUnit.MILLISECONDS);
        client.runScheduledPendingTasks();
        assertFalse(client.isActive());
    }

    @Test
    void connectionThatEndedBeforeItWasJoinedEndsTheOther() {
        EmbeddedChannel client = new EmbeddedChannel();
        runtime.close();
        Relay.join(client, runtime, true);
        assertFalse(client.isActive());
    }
}
