package io.jubelet.cri.http2;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http2.Http2Headers;
import java.time.Duration;
import java.util.Optional;

/**
 * One call on a connection. Any thread may cancel it or say what it consumed; all else happens on the connection's thread.
 */
public final class Http2Stream {

    private final Http2Connection connection;
    private final Request request;
    private final Receiver receiver;
    private final Messages messages = new Messages();
    private final byte[] body;
    private final long begun = System.nanoTime();

    private int id;
    private int sent;
    private int sendWindow;
    /** Bytes that the server may still send. */
    private int window = Http2Connection.WINDOW;
    /** Bytes that were used and that the server was not told of yet. */
    private int unacknowledged;
    /** Bytes that the server may send in advance, for a message that is longer than the window. */
    private int lent;

    private boolean answered;
    private boolean ended;

    /** @param connection null for a call that ends without one */
    Http2Stream(Http2Connection connection, Request request, Receiver receiver) {
        this.connection = connection;
        this.request = request;
        this.receiver = receiver;
        this.body = Messages.framed(request.message());
    }

    /** Ends the call if it has not ended yet; the server is told. */
    public void cancel() {
        if (connection != null) {
            connection.execute(() -> abandon(new GrpcStatus(GrpcStatus.Code.CANCELLED, "cancelled by the client")));
        }
    }

    /** Tells that a message of so many bytes was used, and another may come in its place. For paced requests. */
    public void consumed(int bytes) {
        if (connection != null) {
            connection.execute(() -> acknowledge(bytes + Messages.PREFIX));
        }
    }

    // --- On the connection's thread

    Request request() {
        return request;
    }

    int id() {
        return id;
    }

    boolean isOpen() {
        return id > 0 && !ended;
    }

    void opened(int as, int window) {
        id = as;
        sendWindow = window;
    }

    /**
     * Lets more be sent, or less; then it may be below zero.
     *
     * @return whether the window is one that may be
     */
    boolean widen(long bytes) {
        long wider = sendWindow + bytes;
        if (wider > Integer.MAX_VALUE) {
            return false;
        }
        sendWindow = (int) wider;
        return true;
    }

    boolean hasUnsent() {
        return sent < body.length;
    }

    boolean canSend() {
        return hasUnsent() && sendWindow > 0;
    }

    /** Writes as much of the request as fits; how many bytes that were. */
    int write(ByteBuf out, int atMost, int frame) {
        int before = sent;
        while (hasUnsent()) {
            int bytes = Math.min(Math.min(body.length - sent, frame), Math.min(sendWindow, atMost - (sent - before)));
            if (bytes <= 0) {
                break;
            }
            boolean last = sent + bytes == body.length;
            Frames.head(out, bytes, Frames.DATA, last ? Frames.END_STREAM : 0, id);
            out.writeBytes(body, sent, bytes);
            sent += bytes;
            sendWindow -= bytes;
        }
        return sent - before;
    }

    void headers(Http2Headers headers, boolean last) {
        if (!answered && !last) {
            begin(headers);
            return;
        }
        CharSequence status = headers.status();
        CharSequence number = headers.get("grpc-status");
        if (number != null) {
            GrpcStatus end = GrpcStatus.ofTrailers(number, headers.get("grpc-message"));
            boolean cut = end.code() == GrpcStatus.Code.OK && messages.isWithin();
            finish(cut ? internal("the server ended the call within a message") : end, last);
        } else if (status != null && !"200".contentEquals(status)) {
            finish(GrpcStatus.ofHttp(status), last);
        } else {
            finish(withoutStatus(), last);
        }
    }

    private void begin(Http2Headers headers) {
        CharSequence status = headers.status();
        CharSequence type = headers.get("content-type");
        if (status == null) {
            abandon(internal("the server answered without a status of HTTP"));
        } else if (status.length() == 3 && status.charAt(0) == '1') {
            return; // more follows
        } else if (!"200".contentEquals(status)) {
            abandon(GrpcStatus.ofHttp(status));
        } else if (!isGrpc(type)) {
            String text = "the server answered with the content type " + type + " instead of gRPC";
            abandon(new GrpcStatus(GrpcStatus.Code.UNKNOWN, text));
        } else {
            answered = true;
            receiver.begun();
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

    void data(ByteBuf payload, int flowControlled, boolean last) {
        int padding = flowControlled - payload.readableBytes();
        window -= flowControlled;
        if (window < 0) {
            connection.abandon(this, internal("the server sent more than its window"), Frames.FLOW_CONTROL_ERROR);
            return;
        }
        if (!answered) {
            abandon(internal("the server sent content before headers"));
            return;
        }
        GrpcStatus wrong = messages.read(payload, receiver);
        if (wrong != null) {
            abandon(wrong);
        } else if (last) {
            finish(withoutStatus(), true);
        } else {
            acknowledge(request.paced() ? padding : flowControlled);
            lend();
        }
    }

    /** Nobody can use a message before it is complete; so the server may go on with one that has begun. */
    private void lend() {
        int missing = messages.missing();
        if (missing > window) {
            int more = Math.max(0, missing - window - unacknowledged);
            lent += more;
            grant(unacknowledged + more);
        }
    }

    private void acknowledge(int bytes) {
        int returned = Math.min(bytes, lent);
        lent -= returned;
        unacknowledged += bytes - returned;
        if (unacknowledged >= Http2Connection.WINDOW / 2 && isOpen()) {
            grant(unacknowledged);
        }
    }

    private void grant(int bytes) {
        window += bytes;
        unacknowledged = 0;
        connection.acknowledge(id, bytes);
    }

    private void abandon(GrpcStatus why) {
        connection.abandon(this, why, Frames.CANCEL);
    }

    /** As the server said; it is told when its side or ours was not complete. */
    private void finish(GrpcStatus status, boolean last) {
        if (last && !hasUnsent()) {
            end(status);
        } else {
            abandon(status);
        }
    }

    /** The server counts the time of a call as we do, and may be heard before the thread that waits has seen it pass. */
    void reset(long reason) {
        Optional<Duration> timeout = request.timeout();
        boolean late = timeout.isPresent()
                && System.nanoTime() - begun >= timeout.get().toNanos();
        end(late && reason == Frames.CANCEL ? GrpcStatus.late(timeout.get()) : GrpcStatus.ofReset(reason));
    }

    /** Once; later calls do nothing. */
    void end(GrpcStatus status) {
        if (ended) {
            return;
        }
        ended = true;
        connection.ended(this);
        receiver.ended(status);
    }
}
