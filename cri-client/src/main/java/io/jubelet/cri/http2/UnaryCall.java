package io.jubelet.cri.http2;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** A blocking call whose response is one message. */
public final class UnaryCall {

    /**
     * The outcome of a call.
     *
     * @param status the status of the call
     * @param message the encoded response; null unless the status is OK
     */
    public record Outcome(GrpcStatus status, byte[] message) {}

    private final CountDownLatch end = new CountDownLatch(1);
    // Written by the thread of the connection before it opens the latch.

    private byte[] message;
    private boolean several;
    private GrpcStatus status;

    private UnaryCall() {}

    /**
     * Makes a call and waits for its end.
     *
     * @param request the timeout of the request bounds the wait; without one the wait is unbounded
     * @throws InterruptedException if the thread is interrupted while it waits; the call is
     *     cancelled
     */
    public static Outcome execute(GrpcClient client, Request request) throws InterruptedException {
        UnaryCall call = new UnaryCall();
        GrpcCall stream = client.start(request, call.listener());
        try {
            if (request.timeout().isEmpty()) {
                call.end.await();
            } else if (!call.end.await(request.timeout().get().toNanos(), TimeUnit.NANOSECONDS)) {
                stream.cancel();
                return new Outcome(GrpcStatus.deadlineExceeded(request.timeout().get()), null);
            }
        } catch (InterruptedException e) {
            stream.cancel();
            throw e;
        }
        return call.outcome();
    }

    private Outcome outcome() {
        if (status.code() != GrpcStatus.Code.OK) {
            return new Outcome(status, null);
        }
        if (message == null || several) {
            String text = "the server sent " + (several ? "several messages" : "no message") + " instead of one";
            return new Outcome(new GrpcStatus(GrpcStatus.Code.INTERNAL, text), null);
        }
        return new Outcome(status, message);
    }

    private CallListener listener() {
        return new CallListener() {
            @Override
            public void onHeaders() {
                // A unary call needs only the message and the status.
            }

            @Override
            public void onMessage(byte[] received) {
                several |= message != null;
                message = received;
            }

            @Override
            public void onClose(GrpcStatus received) {
                status = received;
                end.countDown();
            }
        };
    }
}
