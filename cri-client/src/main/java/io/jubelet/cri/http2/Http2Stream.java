package io.jubelet.cri.http2;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http2.Http2Headers;

/**
 * One call on a connection. Any thread may cancel it or say what it consumed; all else happens on the connection's thread.
 */
public final class Http2Stream {

    private final Http2Connection connection;
    private final Request request;
    private final Receiver receiver;
    private final Messages messages = new Messages();
    private final byte[] body;

    private int id;
    private int sent;
    private int sendWindow;
    /** Bytes that came and that the server was not told of yet. */
    private int unacknowledged;

    private boolean answered;
    private boolean ended;

    Http2Stream(Http2Connection connection, Request request, Receiver receiver) {
        this.connection = connection;
        this.request = request;
        this.receiver = receiver;
        this.body = Messages.framed(request.message());
    }

    /** Ends the call if it has not ended yet; the server is told. */
    public void cancel() {
        connection.execute(
                () -> connection.abandon(this, new GrpcStatus(GrpcStatus.Code.CANCELLED, "cancelled by the client")));
    }

    /** Tells that a message of so many bytes was used, and another may come in its place. For paced requests. */
    public void consumed(int bytes) {
        connection.execute(() -> acknowledge(bytes + Messages.PREFIX));
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

    void widen(long bytes) {
        sendWindow = (int) Math.min(sendWindow + bytes, Integer.MAX_VALUE);
    }

    boolean hasUnsent() {
        return sent < body.length;
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
        CharSequence status = headers.status();
        if (!answered && !last) {
            if (status == null || status.charAt(0) == '1') {
                return; // more follows
            }
            if (!"200".contentEquals(status)) {
                connection.abandon(this, GrpcStatus.ofHttp(status));
                return;
            }
            answered = true;
            receiver.begun();
            return;
        }
        CharSequence number = headers.get("grpc-status");
        if (number != null) {
            GrpcStatus end = GrpcStatus.ofTrailers(number, headers.get("grpc-message"));
            boolean cut = end.code() == GrpcStatus.Code.OK && messages.isWithin();
            end(cut ? new GrpcStatus(GrpcStatus.Code.INTERNAL, "the server ended the call within a message") : end);
        } else if (status != null && !"200".contentEquals(status)) {
            end(GrpcStatus.ofHttp(status));
        } else {
            end(new GrpcStatus(GrpcStatus.Code.UNKNOWN, "the server ended the call without a status"));
        }
    }

    void data(ByteBuf payload, int flowControlled, boolean last) {
        int padding = flowControlled - payload.readableBytes();
        acknowledge(request.paced() ? padding : flowControlled);
        GrpcStatus wrong = messages.read(payload, receiver);
        if (wrong != null) {
            connection.abandon(this, wrong);
        } else if (last) {
            end(new GrpcStatus(GrpcStatus.Code.UNKNOWN, "the server ended the call without a status"));
        }
    }

    private void acknowledge(int bytes) {
        unacknowledged += bytes;
        if (unacknowledged >= Http2Connection.WINDOW / 2 && isOpen()) {
            connection.acknowledge(id, unacknowledged);
            unacknowledged = 0;
        }
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
