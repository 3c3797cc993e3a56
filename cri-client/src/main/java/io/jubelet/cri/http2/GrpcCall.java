/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cri.http2;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One call, which is one HTTP/2 stream of a connection. Any thread may call the public methods; all
 * other methods run on the thread of the connection.
 */
public final class GrpcCall {

    private final @Nullable Http2Connection connection;
    private final Request request;
    private final CallListener listener;
    private final MessageDeframer deframer;
    private final byte[] body;
    private final long startNanos = System.nanoTime();

    /** 0 until the stream is open. */
    private int id;

    /** Completes when the whole request is written; null until the stream is open. */
    private @Nullable Future<?> sent;

    /** By how many bytes the window is enlarged at present, for a message that would not fit. */
    private int windowExtension;

    private boolean headersReceived;
    private boolean ended;

    /** @param connection null for a call of a closed client */
    GrpcCall(@Nullable Http2Connection connection, Request request, CallListener listener) {
        this.connection = connection;
        this.request = request;
        this.listener = listener;
        this.deframer = new MessageDeframer(request.response());
        this.body = Request.framed(request.message());
    }

    /**
     * Cancels the call at the server, and ends it as CANCELLED. Does nothing if it has ended; does
     * not block.
     */
    public void cancel() {
        if (connection != null) {
            connection.execute(() -> cancel(new GrpcStatus(GrpcStatus.Code.CANCELLED, "cancelled by the client")));
        }
    }

    /**
     * Returns the window that a message used to the server, so that it can send more. Only for
     * requests with manual flow control; does not block.
     *
     * @param bytes the length of the message
     */
    public void consumed(int bytes) {
        if (connection != null) {
            connection.execute(() -> returnWindow(bytes + MessageDeframer.PREFIX));
        }
    }

    // --- On the thread of the connection

    private Http2Connection connection() {
        return Objects.requireNonNull(connection, "the call has no connection");
    }

    Request request() {
        return request;
    }

    byte[] body() {
        return body;
    }

    /** Returns the number of the stream, or 0 before it is open. */
    int id() {
        return id;
    }

    void opened(int streamId, Future<?> written) {
        id = streamId;
        sent = written;
    }

    void headers(Http2Headers headers, boolean last) {
        if (ended) {
            return;
        }
        if (!headersReceived && !last) {
            startResponse(headers);
            return;
        }
        CharSequence status = headers.status();
        CharSequence number = headers.get("grpc-status");
        if (number != null) {
            GrpcStatus end = GrpcStatus.fromTrailers(number, headers.get("grpc-message"));
            boolean truncated = end.code() == GrpcStatus.Code.OK && deframer.isIncomplete();
            finish(truncated ? internal("the server ended the call within a message") : end, last);
        } else if (status != null && !"200".contentEquals(status)) {
            finish(GrpcStatus.fromHttpStatus(status), last);
        } else {
            finish(withoutStatus(), last);
        }
    }

    private void startResponse(Http2Headers headers) {
        CharSequence status = headers.status();
        CharSequence type = headers.get("content-type");
        if (status == null) {
            cancel(internal("the server sent a response without an HTTP status"));
        } else if (status.length() == 3 && status.charAt(0) == '1') {
            return; // an informational response, which the final one follows
        } else if (!"200".contentEquals(status)) {
            cancel(GrpcStatus.fromHttpStatus(status));
        } else if (!isGrpc(type)) {
            String text = "the server responded with the content type " + type + " instead of gRPC";
            cancel(new GrpcStatus(GrpcStatus.Code.UNKNOWN, text));
        } else {
            headersReceived = true;
            listener.onHeaders();
        }
    }

    private static boolean isGrpc(@Nullable CharSequence contentType) {
        String grpc = "application/grpc";
        return contentType != null
                && (grpc.contentEquals(contentType)
                        || contentType.toString().startsWith(grpc)); // +proto or parameters follow
    }

    private static GrpcStatus internal(String text) {
        return new GrpcStatus(GrpcStatus.Code.INTERNAL, text);
    }

    private static GrpcStatus withoutStatus() {
        return new GrpcStatus(GrpcStatus.Code.UNKNOWN, "the server ended the call without a status");
    }

    /** Returns how many bytes of the frame go back to the window of the stream at once. */
    int data(ByteBuf payload, int padding, boolean last) {
        int bytes = payload.readableBytes() + padding;
        if (ended) {
            return bytes;
        }
        if (!headersReceived) {
            cancel(internal("the server sent content before headers"));
            return bytes;
        }
        GrpcStatus error = deframer.read(payload, listener);
        if (error != null) {
            cancel(error);
        } else if (last) {
            finish(withoutStatus(), true);
        } else if (request.manualFlowControl()) {
            extendWindow();
            return padding;
        }
        return bytes;
    }

    /**
     * Enlarges the window if the current message does not fit, because the reader cannot consume a
     * part of it.
     */
    private void extendWindow() {
        int missing = deframer.missingBytes();
        if (missing <= connection().window(id)) {
            return;
        }
        int more = Math.max(0, missing - connection().windowAfterUpdates(id));
        windowExtension += more;
        try {
            connection().incrementWindow(id, more);
            connection().sendWindowUpdate(id);
        } catch (Http2Exception e) {
            cancel(internal("the window cannot be changed: " + e.getMessage()));
        }
    }

    /** Returns consumed bytes to the window, without those by which it was enlarged. */
    private void returnWindow(int bytes) {
        if (ended) {
            return;
        }
        int returned = Math.min(bytes, windowExtension);
        windowExtension -= returned;
        try {
            connection().incrementWindow(id, -returned);
            connection().consume(id, bytes);
        } catch (Http2Exception e) {
            cancel(internal("the window cannot be changed: " + e.getMessage()));
        }
    }

    /** Ends the call before the server has, and resets the stream. */
    private void cancel(GrpcStatus status) {
        boolean open = id > 0 && !ended;
        end(status);
        if (open) {
            connection().reset(this);
        }
    }

    private boolean hasUnsent() {
        return sent == null || !sent.isDone();
    }

    /**
     * Ends the call with the status of the server; resets the stream if either side of it is still
     * open.
     */
    private void finish(GrpcStatus status, boolean last) {
        if (last && !hasUnsent()) {
            end(status);
        } else {
            cancel(status);
        }
    }

    /**
     * The server reset the stream. It enforces the timeout, too, and its reset can arrive before
     * the waiting thread notices that the time is over.
     */
    void reset(long reason) {
        Optional<Duration> timeout = request.timeout();
        boolean timedOut = timeout.isPresent()
                && System.nanoTime() - startNanos >= timeout.get().toNanos();
        end(
                timedOut && reason == Http2Error.CANCEL.code()
                        ? GrpcStatus.deadlineExceeded(timeout.get())
                        : GrpcStatus.fromReset(reason));
    }

    /** Notifies the listener; does nothing if the call has ended already. */
    void end(GrpcStatus status) {
        if (ended) {
            return;
        }
        ended = true;
        if (id == 0) {
            connection().removeWaiting(this);
        }
        listener.onClose(status);
    }
}
