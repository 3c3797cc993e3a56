package io.jubelet.api;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.Arrays;

/**
 * The answer to one request, written by the virtual thread that serves it.
 *
 * <p>What fits into one buffer is sent with its length, anything longer, or flushed before its end, in chunks. Writing
 * blocks while the reader is slow and gives up on one that takes nothing for too long. Not safe for use by several
 * threads.
 */
final class ApiResponse extends OutputStream {

    private static final int BUFFER = 16 * 1024;

    private final Channel channel;
    private final Duration patience;
    private final boolean keepAlive;
    private final boolean chunks;
    private HttpResponseStatus status = HttpResponseStatus.OK;
    private String contentType = "application/json";
    /** Grows up to {@link #BUFFER}, as most answers are small. */
    private byte[] buffer = new byte[1024];

    private int filled;
    private boolean started;
    private boolean finished;
    private ChannelFuture last;

    /**
     * @param patience how long a reader may take nothing
     * @param version of the request
     * @param keepAlive whether the connection is used again
     */
    ApiResponse(Channel channel, Duration patience, HttpVersion version, boolean keepAlive) {
        this.channel = channel;
        this.patience = patience;
        this.chunks = version.isKeepAliveDefault();
        this.keepAlive = keepAlive && chunks;
    }

    /** Sets the head; only before anything was sent. */
    void head(int code, String type) {
        status = HttpResponseStatus.valueOf(code);
        contentType = type;
    }

    /** Whether the head has been sent, so that an error can no longer be told by it. */
    boolean started() {
        return started;
    }

    /** Forgets what was written but not sent. */
    void reset() {
        filled = 0;
    }

    @Override
    public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        int from = offset;
        int left = length;
        while (left > 0) {
            if (filled == BUFFER) {
                flush();
            }
            int part = Math.min(left, BUFFER - filled);
            if (filled + part > buffer.length) {
                buffer = Arrays.copyOf(buffer, Math.min(BUFFER, Math.max(2 * buffer.length, filled + part)));
            }
            System.arraycopy(bytes, from, buffer, filled, part);
            filled += part;
            from += part;
            left -= part;
        }
    }

    /** Sends what was written so far. */
    @Override
    public void flush() throws IOException {
        if (!started) {
            HttpResponse head = new DefaultHttpResponse(HttpVersion.HTTP_1_1, status);
            headers(head);
            if (chunks) {
                head.headers().set(HttpHeaderNames.TRANSFER_ENCODING, HttpHeaderValues.CHUNKED);
            }
            send(head);
            started = true;
        }
        if (filled > 0) {
            send(new DefaultHttpContent(Unpooled.copiedBuffer(buffer, 0, filled)));
            filled = 0;
        }
    }

    /** Sends the rest and ends the answer. */
    @Override
    public void close() throws IOException {
        if (finished) {
            return;
        }
        finished = true;
        if (started) {
            flush();
            send(LastHttpContent.EMPTY_LAST_CONTENT);
        } else {
            DefaultFullHttpResponse whole =
                    new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, status, Unpooled.copiedBuffer(buffer, 0, filled));
            headers(whole);
            whole.headers().setInt(HttpHeaderNames.CONTENT_LENGTH, filled);
            send(whole);
        }
        await(last);
        if (!keepAlive) {
            channel.close();
        }
    }

    /** Breaks the connection, so that the reader sees that the answer is not whole. */
    void abort() {
        finished = true;
        channel.close();
    }

    private void headers(HttpResponse response) {
        response.headers().set(HttpHeaderNames.CONTENT_TYPE, contentType);
        if (!keepAlive) {
            response.headers().set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
        }
    }

    private void send(Object part) throws IOException {
        if (last != null && !channel.isWritable()) {
            await(last);
        }
        last = channel.writeAndFlush(part).addListener(ChannelFutureListener.CLOSE_ON_FAILURE);
    }

    private void await(ChannelFuture sent) throws IOException {
        try {
            if (!sent.await(patience.toMillis())) {
                channel.close();
                throw new IOException("the reader took nothing for " + patience.toSeconds() + " s");
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while the reader was slow");
        }
        if (!sent.isSuccess()) {
            throw new IOException("the reader is gone", sent.cause());
        }
    }
}
