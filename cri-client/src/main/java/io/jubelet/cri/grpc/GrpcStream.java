package io.jubelet.cri.grpc;

import io.jubelet.cri.CriException;
import io.jubelet.cri.EventStream;
import io.jubelet.cri.http2.CallListener;
import io.jubelet.cri.http2.GrpcCall;
import io.jubelet.cri.http2.GrpcClient;
import io.jubelet.cri.http2.GrpcStatus;
import io.jubelet.cri.http2.Request;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * A server stream, read by one blocking thread. The connection's thread puts messages and, last, the final status into a
 * queue; flow control keeps the queue short when the reader is slow.
 */
final class GrpcStream<E> implements EventStream<E> {

    /** For {@link #nextOrEnd}: no deadline. */
    private static final long NEVER = Long.MIN_VALUE;

    private final String operation;
    private final GrpcCall call;
    private final Function<byte[], E> map;
    private final BlockingQueue<Object> queue = new LinkedBlockingQueue<>();
    private final CountDownLatch answered = new CountDownLatch(1);
    private volatile GrpcStatus end;
    private volatile boolean closed;

    /** @param map from a message to the event; null for one that is of no interest */
    GrpcStream(String operation, GrpcClient client, Request request, Function<byte[], E> map) {
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
    public E poll(Duration timeout) {
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
     * The next event; null after the last one of a stream that ended well.
     *
     * @param deadline on the clock of {@link System#nanoTime()}
     */
    E nextOrEnd(long deadline) {
        while (true) {
            Object head = take(deadline == NEVER ? Long.MAX_VALUE : deadline - System.nanoTime());
            if (head == null) {
                throw new CriException.DeadlineExceeded(operation, "the answer did not end in time");
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

    /** Waits for a first sign of life; true when the stream has not failed so far. */
    boolean staysOpen(Duration wait) {
        try {
            return !answered.await(wait.toNanos(), TimeUnit.NANOSECONDS) || end == null;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CriException.Cancelled(operation, "interrupted while opening a stream", e);
        }
    }

    /** Why the stream ended: only to be asked after {@link #survives} said that it did. */
    CriException failure() {
        return ended(end);
    }

    private E mapped(Object taken) {
        byte[] message = (byte[]) taken;
        call.consumed(message.length);
        return map.apply(message);
    }

    private Object take(long nanos) {
        try {
            Object head = queue.poll(nanos, TimeUnit.NANOSECONDS);
            if (head instanceof GrpcStatus) {
                queue.add(head); // whoever reads again shall find it again
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
