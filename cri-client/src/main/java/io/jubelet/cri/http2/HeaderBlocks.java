package io.jubelet.cri.http2;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;

/** Puts the headers that come together from their frames, and decodes them. For the connection's thread. */
final class HeaderBlocks {

    private static final int MOST_BYTES = 64 << 10;

    private final DefaultHttp2HeadersDecoder decoder = new DefaultHttp2HeadersDecoder(false, MOST_BYTES);

    /** What came of a block that is not complete; null when there is none. */
    private ByteBuf block;

    private int stream;
    private boolean last;

    /** Whether a block has begun that is not complete. */
    boolean isWithin() {
        return block != null;
    }

    /** Whose the newest block is. */
    int stream() {
        return stream;
    }

    /** Whether its stream ends with the newest block. */
    boolean isLast() {
        return last;
    }

    /**
     * Takes HEADERS. They are to be decoded also for calls that were given up, for the table of the compression goes on.
     *
     * @return null while more is to follow
     */
    Http2Headers begin(ByteBuf in, int flags, int id) throws Http2Exception {
        boolean prioritized = (flags & Frames.PRIORITY) != 0;
        ByteBuf fragment = Frames.unpadded(in, flags);
        if (prioritized && fragment.readableBytes() < Frames.PRIORITY_BYTES) {
            throw Http2Exception.connectionError(Http2Error.FRAME_SIZE_ERROR, "headers without their priority");
        }
        fragment.skipBytes(prioritized ? Frames.PRIORITY_BYTES : 0);
        stream = id;
        last = (flags & Frames.END_STREAM) != 0;
        if ((flags & Frames.END_HEADERS) != 0) {
            return decoder.decodeHeaders(id, fragment);
        }
        block = Unpooled.buffer(fragment.readableBytes()).writeBytes(fragment);
        return null;
    }

    /** Takes CONTINUATION; as {@link #begin}. */
    Http2Headers go(ByteBuf in, int flags) throws Http2Exception {
        if (block == null) {
            throw Frames.violation("headers continue that did not begin");
        }
        block.writeBytes(in);
        if (block.readableBytes() > MOST_BYTES) {
            throw Http2Exception.connectionError(Http2Error.ENHANCE_YOUR_CALM, "headers without an end");
        }
        if ((flags & Frames.END_HEADERS) == 0) {
            return null;
        }
        try {
            return decoder.decodeHeaders(stream, block);
        } finally {
            release();
        }
    }

    /** Forgets what is not complete. */
    void release() {
        if (block != null) {
            block.release();
            block = null;
        }
    }
}
