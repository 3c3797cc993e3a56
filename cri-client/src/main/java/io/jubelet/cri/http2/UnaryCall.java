package io.jubelet.cri.http2;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** A call with one message as its answer, made by a thread that waits for it. */
public final class UnaryCall {

    /**
     * What came of it.
     *
     * @param status how it ended
     * @param message the answer; null unless it ended well
     */
    public record Outcome(GrpcStatus status, byte[] message) {}

    private final CountDownLatch end = new CountDownLatch(1);
    /** Written by the connection's thread before the latch opens. */
    private byte[] message;

    private boolean several;
    private GrpcStatus status;

    private UnaryCall() {}

    /**
     * Makes the call.
     *
     * @param request its timeout bounds the wait; without one there is no bound
     * @throws InterruptedException when this thread is interrupted; the server is told that nobody waits any more
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
            String wrong =
                    "the server answered with " + (several ? "several messages" : "no message") + " instead of one";
            return new Outcome(new GrpcStatus(GrpcStatus.Code.INTERNAL, wrong), null);
        }
        return new Outcome(status, message);
    }

    private CallListener listener() {
        return new CallListener() {
            @Override
            public void onHeaders() {
                // Of no interest before the end.
            }

            @Override
            public void onMessage(byte[] came) {
                several |= message != null;
                message = came;
            }

            @Override
            public void onClose(GrpcStatus how) {
                status = how;
                end.countDown();
            }
        };
    }
}
