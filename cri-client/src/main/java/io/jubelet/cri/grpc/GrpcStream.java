/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cri.grpc;

import io.jubelet.cri.CriException;
import io.jubelet.cri.EventStream;
import io.jubelet.cri.http2.CallListener;
import io.jubelet.cri.http2.GrpcCall;
import io.jubelet.cri.http2.GrpcClient;
import io.jubelet.cri.http2.GrpcStatus;
import io.jubelet.cri.http2.Request;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The response of a server-streaming call, which one thread reads and blocks for. The thread of the
 * connection puts the messages and finally the status into a queue; flow control bounds the queue
 * when the reader is slow.
 */
final class GrpcStream<E> implements EventStream<E> {

    /** The deadline of {@link #nextOrEnd} that never passes. */
    private static final long NEVER = Long.MIN_VALUE;

    private final String operation;
    private final GrpcCall call;
    private final Function<byte[], @Nullable E> map;
    private final BlockingQueue<Object> queue = new LinkedBlockingQueue<>();
    private final CountDownLatch answered = new CountDownLatch(1);
    private volatile @Nullable GrpcStatus end;
    private volatile boolean closed;

    /**
     * @param map converts a message to an event, or to null if the stream should skip the message
     */
    GrpcStream(String operation, GrpcClient client, Request request, Function<byte[], @Nullable E> map) {
        this.operation = operation;
        this.map = map;
        this.call = client.start(request, new QueueingListener());
    }

    @Override
    public E next() {
        E event = nextOrEnd(NEVER);
        if (event == null) {
            throw new CriException.Unavailable(operation, "the runtime ended the stream");
        }
        return event;
    }

    @Override
    public @Nullable E poll(Duration timeout) {
        long deadline = System.nanoTime() + timeout.toNanos();
        while (true) {
            Object head = take(deadline - System.nanoTime());
            if (head == null) {
                return null;
            }
            if (head instanceof GrpcStatus status) {
                throw ended(status);
            }
            E event = mapped(head);
            if (event != null) {
                return event;
            }
        }
    }

    /**
     * Returns the next event, or null after the last event of a stream that ended with OK.
     *
     * @param deadline a value of {@link System#nanoTime()}
     * @throws CriException if the stream failed, or the deadline passed
     */
    @Nullable
    E nextOrEnd(long deadline) {
        while (true) {
            Object head = take(deadline == NEVER ? Long.MAX_VALUE : deadline - System.nanoTime());
            if (head == null) {
                throw new CriException.DeadlineExceeded(operation, "the response did not end in time");
            }
            if (head instanceof GrpcStatus status) {
                if (isOk(status) && !closed) {
                    return null;
                }
                throw ended(status);
            }
            E event = mapped(head);
            if (event != null) {
                return event;
            }
        }
    }

    private static boolean isOk(GrpcStatus status) {
        return status.code() == GrpcStatus.Code.OK;
    }

    /**
     * Waits until the server accepts or ends the call, at most for {@code wait}; returns whether it
     * has not ended.
     */
    boolean staysOpen(Duration wait) {
        try {
            return !answered.await(wait.toNanos(), TimeUnit.NANOSECONDS) || end == null;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CriException.Cancelled(operation, "interrupted while opening a stream", e);
        }
    }

    /** Returns why the stream ended; to be called only after {@link #staysOpen} returned false. */
    CriException failure() {
        return ended(Objects.requireNonNull(end, "the stream is open"));
    }

    private @Nullable E mapped(Object taken) {
        byte[] message = (byte[]) taken;
        call.consumed(message.length);
        return map.apply(message);
    }

    private @Nullable Object take(long nanos) {
        try {
            Object head = queue.poll(nanos, TimeUnit.NANOSECONDS);
            if (head instanceof GrpcStatus) {
                queue.add(head); // the next read finds it again
            }
            return head;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CriException.Cancelled(operation, "interrupted while waiting for an event", e);
        }
    }

    private CriException ended(GrpcStatus status) {
        if (closed) {
            return new CriException.Cancelled(operation, "the stream was closed");
        }
        if (isOk(status)) {
            return new CriException.Unavailable(operation, "the runtime ended the stream");
        }
        return ErrorMapping.of(operation, status);
    }

    @Override
    public void close() {
        closed = true;
        call.cancel();
    }

    private final class QueueingListener implements CallListener {
        @Override
        public void onHeaders() {
            answered.countDown();
        }

        @Override
        public void onMessage(byte[] message) {
            queue.add(message);
        }

        @Override
        public void onClose(GrpcStatus status) {
            end = status;
            queue.add(status);
            answered.countDown();
        }
    }
}
