package io.jubelet.cri.http2;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.Optional;

/**
 * One call on a connection. Any thread may cancel it or say what it consumed; all else happens on the connection's thread.
 */
public final class GrpcCall {

    private final Http2Connection connection;
    private final Request request;
    private final CallListener listener;
    private final MessageDeframer deframer = new MessageDeframer();
    private final byte[] body;
    private final long startNanos = System.nanoTime();

    private int id;
    /** Null as long as the call waits. */
    private Future<?> sent;
    /** Bytes that the server may send in advance, for a message that is longer than the window. */
    private int windowExtension;

    private boolean headersReceived;
    private boolean ended;

    /** @param connection null for a call that ends without one */
    GrpcCall(Http2Connection connection, Request request, CallListener listener) {
        this.connection = connection;
        this.request = request;
        this.listener = listener;
        this.body = Request.framed(request.message());
    }

    /** Ends the call if it has not ended yet; the server is told. */
    public void cancel() {
        if (connection != null) {
            connection.execute(() -> cancel(new GrpcStatus(GrpcStatus.Code.CANCELLED, "cancelled by the client")));
        }
    }

    /** Tells that a message of so many bytes was used, and another may come in its place. For manualFlowControl requests. */
    public void consumed(int bytes) {
        if (connection != null) {
            connection.execute(() -> returnWindow(bytes + MessageDeframer.PREFIX));
        }
    }

    // --- On the connection's thread

    Request request() {
        return request;
    }

    byte[] body() {
        return body;
    }

    /** 0 before the stream is open. */
    int id() {
        return id;
    }

    void opened(int as, Future<?> written) {
        id = as;
        sent = written;
    }

    void headers(Http2Headers headers, boolean last) {
        if (ended) {
            return;
        }
        if (!headersReceived && !last) {
            begin(headers);
            return;
        }
        CharSequence status = headers.status();
        CharSequence number = headers.get("grpc-status");
        if (number != null) {
            GrpcStatus end = GrpcStatus.fromTrailers(number, headers.get("grpc-message"));
            boolean cut = end.code() == GrpcStatus.Code.OK && deframer.isIncomplete();
            finish(cut ? internal("the server ended the call within a message") : end, last);
        } else if (status != null && !"200".contentEquals(status)) {
            finish(GrpcStatus.fromHttpStatus(status), last);
        } else {
            finish(withoutStatus(), last);
        }
    }

    private void begin(Http2Headers headers) {
        CharSequence status = headers.status();
        CharSequence type = headers.get("content-type");
        if (status == null) {
            cancel(internal("the server headersReceived without a status of HTTP"));
        } else if (status.length() == 3 && status.charAt(0) == '1') {
            return; // more follows
        } else if (!"200".contentEquals(status)) {
            cancel(GrpcStatus.fromHttpStatus(status));
        } else if (!isGrpc(type)) {
            String text = "the server headersReceived with the content type " + type + " instead of gRPC";
            cancel(new GrpcStatus(GrpcStatus.Code.UNKNOWN, text));
        } else {
            headersReceived = true;
            listener.onHeaders();
        }
    }

    private static boolean isGrpc(CharSequence contentType) {
        String grpc = "application/grpc";
        return contentType != null
                && (grpc.contentEquals(contentType)
                        || contentType.toString().startsWith(grpc)); // +proto, or with parameters
    }

    private static GrpcStatus internal(String text) {
        return new GrpcStatus(GrpcStatus.Code.INTERNAL, text);
    }

    private static GrpcStatus withoutStatus() {
        return new GrpcStatus(GrpcStatus.Code.UNKNOWN, "the server ended the call without a status");
    }

    /** Returns how many bytes are used already. */
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

    /** A message is of no use before it is complete, so the server may go on with one that has begun. */
    private void extendWindow() {
        int missing = deframer.missingBytes();
        if (missing <= connection.window(id)) {
            return;
        }
        int more = Math.max(0, missing - connection.windowAfterUpdates(id));
        windowExtension += more;
        try {
            connection.incrementWindow(id, more);
            connection.sendWindowUpdate(id);
        } catch (Http2Exception e) {
            cancel(internal("the window cannot be changed: " + e.getMessage()));
        }
    }

    private void returnWindow(int bytes) {
        if (ended) {
            return;
        }
        int returned = Math.min(bytes, windowExtension);
        windowExtension -= returned;
        try {
            connection.incrementWindow(id, -returned);
            connection.consume(id, bytes);
        } catch (Http2Exception e) {
            cancel(internal("the window cannot be changed: " + e.getMessage()));
        }
    }

    private void cancel(GrpcStatus why) {
        boolean known = id > 0 && !ended;
        end(why);
        if (known) {
            connection.reset(this);
        }
    }

    private boolean hasUnsent() {
        return sent == null || !sent.isDone();
    }

    /** As the server said; it is told when its side or ours was not complete. */
    private void finish(GrpcStatus status, boolean last) {
        if (last && !hasUnsent()) {
            end(status);
        } else {
            cancel(status);
        }
    }

    /** The server counts the time of a call as we do, and may be heard before the thread that waits has seen it pass. */
    void reset(long reason) {
        Optional<Duration> timeout = request.timeout();
        boolean late = timeout.isPresent()
                && System.nanoTime() - startNanos >= timeout.get().toNanos();
        end(
                late && reason == Http2Error.CANCEL.code()
                        ? GrpcStatus.deadlineExceeded(timeout.get())
                        : GrpcStatus.fromReset(reason));
    }

    /** Once; later calls do nothing. */
    void end(GrpcStatus status) {
        if (ended) {
            return;
        }
        ended = true;
        if (id == 0) {
            connection.removeWaiting(this);
        }
        listener.onClose(status);
    }
}
