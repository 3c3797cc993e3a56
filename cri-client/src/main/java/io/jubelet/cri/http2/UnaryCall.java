/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cri.http2;

import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A blocking call whose response is one message. */
public final class UnaryCall {

    /**
     * The outcome of a call.
     *
     * @param status the status of the call
     * @param message the encoded response; null if and only if the status is not OK
     */
    public record Outcome(GrpcStatus status, byte @Nullable [] message) {}

    private final CountDownLatch end = new CountDownLatch(1);
    // Written by the thread of the connection before it opens the latch.

    private byte @Nullable [] message;
    private boolean several;
    private @Nullable GrpcStatus status;

    private UnaryCall() {}

    /**
     * Makes a call and waits for its end.
     *
     * @param request the timeout of the request bounds the wait; without one the wait is unbounded
     * @throws InterruptedException if the thread is interrupted while it waits; the call is
     *     cancelled
     */
    public static Outcome execute(GrpcClient client, Request request) throws InterruptedException {
        UnaryCall unary = new UnaryCall();
        GrpcCall call = client.start(request, unary.listener());
        try {
            if (request.timeout().isEmpty()) {
                unary.end.await();
            } else if (!unary.end.await(request.timeout().get().toNanos(), TimeUnit.NANOSECONDS)) {
                call.cancel();
                return new Outcome(GrpcStatus.deadlineExceeded(request.timeout().get()), null);
            }
        } catch (InterruptedException e) {
            call.cancel();
            throw e;
        }
        return unary.outcome();
    }

    private Outcome outcome() {
        GrpcStatus status = Objects.requireNonNull(this.status, "the call has not ended");
        if (status.code() != GrpcStatus.Code.OK) {
            return new Outcome(status, null);
        }
        if (message == null) {
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
                message = several ? null : received;
            }

            @Override
            public void onClose(GrpcStatus received) {
                status = received;
                end.countDown();
            }
        };
    }
}
