/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.streaming;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.DefaultByteBufHolder;

/** A part of one of the streams of a command, between the protocols of client and runtime. Reference-counted. */
final class StreamFrame extends DefaultByteBufHolder {

    /** The numbers of the streams in the protocols {@code v4.channel.k8s.io} and {@code v5.channel.k8s.io}. */
    static final int STDIN = 0;

    static final int STDOUT = 1;
    static final int STDERR = 2;
    /** The result of the command: a v1 Status as JSON. */
    static final int ERROR = 3;
    /** Sizes of the terminal as JSON, from the client. */
    static final int RESIZE = 4;
    /** In {@code v5.channel.k8s.io} says that the stream with the number that follows is closed. */
    static final int CLOSE = 255;

    private final int stream;
    private final boolean last;

    /** @param last whether the stream ends with this part */
    StreamFrame(int stream, ByteBuf data, boolean last) {
        super(data);
        this.stream = stream;
        this.last = last;
    }

    int stream() {
        return stream;
    }

    boolean last() {
        return last;
    }

    @Override
    public StreamFrame replace(ByteBuf data) {
        return new StreamFrame(stream, data, last);
    }
}
