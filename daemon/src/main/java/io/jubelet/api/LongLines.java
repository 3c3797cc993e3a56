/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.api;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.ReferenceCountUtil;
import java.util.HashMap;
import java.util.Map;

/**
 * Bounds the memory of the long request lines of one listener. A command of {@code exec} is in the request line, and can be as
 * long as Linux allows; few are, so all connections share the memory for those.
 *
 * <p>Confined to the loop thread of the listener.
 */
final class LongLines {

    /** The longest request line with a command, in bytes. Source: the limit of Go's HTTP server, which the kubelet keeps. */
    static final int MAX_LINE = 1 << 20;

    /** How many bytes of a request each connection may send up to the end of its headers without a part of the budget. */
    static final int FREE = Connection.MAX_LINE + Connection.MAX_HEADERS;

    /** What one user or address may have: one of the longest lines with its headers. */
    static final int MAX_OF_ONE_CLIENT = MAX_LINE + 2 * FREE;

    static final int MAX_OF_ALL = 2 * MAX_OF_ONE_CLIENT;

    private final Map<String, Integer> taken = new HashMap<>();
    private int total;

    private boolean take(String party, int bytes) {
        if (total + bytes > MAX_OF_ALL || taken.getOrDefault(party, 0) + bytes > MAX_OF_ONE_CLIENT) {
            return false;
        }
        total += bytes;
        taken.merge(party, bytes, Integer::sum);
        return true;
    }

    private void giveBack(String party, int bytes) {
        total -= bytes;
        taken.computeIfPresent(party, (_, has) -> has == bytes ? null : has - bytes);
    }

    /** An event: the connection has sent more of a request than there is room for. The rest of what it sends is dropped. */
    static final Object REFUSED = new Object();

    /** The handler before the HTTP codec of one connection. */
    Meter meter(Client client) {
        return new Meter(client.party());
    }

    /**
     * Counts what a connection sends while its request line or headers are read. Keeps its part of the budget until it leaves
     * the pipeline, because the codec keeps its buffers as long.
     */
    final class Meter extends ChannelInboundHandlerAdapter {
        private final String party;
        private boolean counting = true;
        private boolean refused;
        private int read;
        private int has;

        private Meter(String party) {
            this.party = party;
        }

        /** The headers of a request have ended; its body follows. */
        void headEnded() {
            counting = false;
        }

        /** The body of a request has ended; another request can follow. */
        void bodyEnded() {
            counting = true;
            read = 0;
        }

        /** Whether the connection has sent a long request. */
        boolean used() {
            return has > 0;
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            if (counting && !refused && message instanceof ByteBuf bytes) {
                read += bytes.readableBytes();
                int more = read - FREE - has;
                if (more > 0) {
                    refused = !take(party, more);
                    has += refused ? 0 : more;
                    if (refused) {
                        context.fireUserEventTriggered(REFUSED);
                    }
                }
            }
            if (refused) {
                ReferenceCountUtil.release(message);
            } else {
                context.fireChannelRead(message);
            }
        }

        @Override
        public void handlerRemoved(ChannelHandlerContext context) {
            if (has > 0) {
                giveBack(party, has);
                has = 0;
            }
        }
    }
}
