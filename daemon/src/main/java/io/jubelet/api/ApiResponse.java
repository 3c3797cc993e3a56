/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.api;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.Arrays;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The response to one request, written by the virtual thread that serves it.
 *
 * <p>A response that fits into one buffer is sent with its length; a longer one, and one that is
 * flushed before its end, is sent in chunks. Writing blocks while the client reads slowly, and
 * fails if the client reads nothing for too long. Not safe for use by several threads.
 */
public final class ApiResponse extends OutputStream {

    /** The size of one chunk in bytes. Each connection whose client reads slowly holds about three of them. */
    static final int BUFFER = 8 * 1024;
    /** When more bytes than the second wait to be sent, the writer waits until there are fewer than the first. */
    static final WriteBufferWaterMark WATER_MARK = new WriteBufferWaterMark(BUFFER, 2 * BUFFER);

    private final Channel channel;
    private final Duration timeout;
    private final boolean headOnly;
    private final boolean keepAlive;
    private final boolean chunks;
    private HttpResponseStatus status = HttpResponseStatus.OK;
    private String contentType = "application/json";
    /** Grows up to {@link #BUFFER}, because most responses are small. */
    private byte[] buffer = new byte[1024];

    private int filled;
    private boolean started;
    private boolean finished;
    private @Nullable ChannelFuture last;

    /** A response to HEAD has sent all that it sends, so nothing more needs to be written. */
    static final class HeadSentException extends IOException {
        private static final long serialVersionUID = 1L;

        private HeadSentException() {
            super("the response to HEAD has no body");
        }
    }

    /**
     * @param timeout how long the client may read nothing
     * @param request the head of the request
     * @param keepAlive whether the connection stays open for another request
     */
    ApiResponse(Channel channel, Duration timeout, HttpRequest request, boolean keepAlive) {
        this.channel = channel;
        this.timeout = timeout;
        this.headOnly = request.method().equals(HttpMethod.HEAD);
        this.chunks = request.protocolVersion().isKeepAliveDefault();
        this.keepAlive = keepAlive && chunks;
    }

    /** Sets status and content type. Must be called before anything is sent. */
    public void head(int code, String type) {
        status = HttpResponseStatus.valueOf(code);
        contentType = type;
    }

    /** Whether the head has been sent, after which the status cannot report an error. */
    public boolean started() {
        return started;
    }

    /** Discards what was written but not sent. */
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

    /**
     * Sends what was written so far.
     *
     * @throws IOException if the client is gone, and in a response to HEAD, which ends with its head
     */
    @Override
    public void flush() throws IOException {
        if (!started) {
            HttpResponse head = new DefaultHttpResponse(HttpVersion.HTTP_1_1, status);
            headers(head);
            if (chunks) {
                head.headers().set(HttpHeaderNames.TRANSFER_ENCODING, HttpHeaderValues.CHUNKED);
            }
            ChannelFuture _ = send(head);
            started = true;
        }
        if (headOnly) {
            filled = 0;
            throw new HeadSentException();
        }
        if (filled > 0) {
            ChannelFuture _ = send(new DefaultHttpContent(Unpooled.copiedBuffer(buffer, 0, filled)));
            filled = 0;
        }
    }

    /** Sends the rest and ends the response. */
    @Override
    public void close() throws IOException {
        if (finished) {
            return;
        }
        finished = true;
        if (started) {
            if (!headOnly) {
                flush();
            }
            await(send(LastHttpContent.EMPTY_LAST_CONTENT));
        } else {
            DefaultFullHttpResponse complete =
                    new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, status, Unpooled.copiedBuffer(buffer, 0, filled));
            headers(complete);
            complete.headers().setInt(HttpHeaderNames.CONTENT_LENGTH, filled);
            await(send(complete));
        }
        if (!keepAlive) {
            channel.close();
        }
    }

    /**
     * Hands the connection over to another protocol, instead of a response. From then on the end of the connection is known
     * from {@link Channel#closeFuture} alone: it does not interrupt this thread, which can leave
     * {@link RequestHandler#serve} at once. The connection gives its place in the limits of the server
     * back, so the caller limits it, and has no time limit of the server. Closing the server closes it.
     *
     * @param protocol replaces the handlers of the connection, on the loop thread. The HTTP codec is still in the pipeline,
     *     behind the handlers of TLS; {@code protocol} removes it when it has sent the head of its response
     * @throws IOException if the client is gone, or sent data before it could know that the protocol changes
     * @throws IllegalStateException if a part of the response was sent
     */
    public void takeOver(Consumer<ChannelPipeline> protocol) throws IOException, InterruptedException {
        if (started || finished) {
            throw new IllegalStateException("a part of the response was sent");
        }
        finished = true;
        Connection connection = channel.pipeline().get(Connection.class);
        if (connection == null) {
            throw new IOException("the client closed the connection");
        }
        boolean done = false;
        try {
            Future<Boolean> attempt =
                    channel.eventLoop().submit(() -> connection.handOver(channel.pipeline(), protocol));
            done = attempt.sync().getNow();
        } finally {
            if (!done) {
                channel.close();
            }
        }
        if (!done) {
            throw new IOException("the client closed the connection, or sent data too early");
        }
    }

    /** The connection, for what a protocol that takes it over has to know of it. */
    public Channel channel() {
        return channel;
    }

    /** Closes the connection, so that the client sees that the response is incomplete. */
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

    private ChannelFuture send(Object part) throws IOException {
        if (last != null && !channel.isWritable()) {
            await(last);
        }
        ChannelFuture sent = channel.writeAndFlush(part).addListener(ChannelFutureListener.CLOSE_ON_FAILURE);
        last = sent;
        return sent;
    }

    private void await(ChannelFuture sent) throws IOException {
        try {
            if (!sent.await(timeout.toMillis())) {
                channel.close();
                throw new IOException("the client read nothing for " + timeout.toSeconds() + " s");
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while waiting for the client to read");
        }
        if (!sent.isSuccess()) {
            throw new IOException("the client closed the connection", sent.cause());
        }
    }
}
