package io.jubelet.cri.grpc;

import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.Status;
import io.jubelet.cri.CriException;
import io.jubelet.cri.EventStream;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * A server stream, read by one blocking thread. The gRPC thread puts messages and, last, the final status into a queue;
 * flow control keeps the queue short when the reader is slow.
 */
final class GrpcStream<W, E> implements EventStream<E> {
    private static final int AHEAD = 64;

    private final String operation;
    private final ClientCall<?, W> call;
    private final Function<W, E> map;
    private final BlockingQueue<Object> queue = new LinkedBlockingQueue<>();
    private final CountDownLatch answered = new CountDownLatch(1);
    private volatile Status end;
    private volatile boolean closed;

    <Q> GrpcStream(String operation, ClientCall<Q, W> call, Q request, Function<W, E> map) {
        this.operation = operation;
        this.call = call;
        this.map = map;
        call.start(new Receiver(), new Metadata());
        call.request(AHEAD);
        call.sendMessage(request);
        call.halfClose();
    }

    @Override
    public E next() {
        E event = nextOrEnd();
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
            if (head instanceof Status status) {
                throw ended(status);
            }
            E event = mapped(head);
            if (event != null) {
                return event;
            }
        }
    }

    /** The next event; null after the last one of a stream that ended well. */
    E nextOrEnd() {
        while (true) {
            Object head = take(Long.MAX_VALUE);
            if (head instanceof Status status) {
                if (status.isOk() && !closed) {
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

    /** Waits for a first sign of life; true when the stream has not failed so far. */
    boolean survives(Duration wait) {
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

    @SuppressWarnings("unchecked") // only Receiver fills the queue
    private E mapped(Object message) {
        call.request(1);
        return map.apply((W) message);
    }

    private Object take(long nanos) {
        try {
            Object head = queue.poll(nanos, TimeUnit.NANOSECONDS);
            if (head instanceof Status) {
                queue.add(head); // whoever reads again shall find it again
            }
            return head;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CriException.Cancelled(operation, "interrupted while waiting for an event", e);
        }
    }

    private CriException ended(Status status) {
        if (closed) {
            return new CriException.Cancelled(operation, "the stream was closed");
        }
        if (status.isOk()) {
            return new CriException.Unavailable(operation, "the runtime ended the stream");
        }
        return Errors.of(operation, status, status.asRuntimeException());
    }

    @Override
    public void close() {
        closed = true;
        call.cancel("closed by its reader", null);
    }

    /** Runs on the gRPC thread. */
    private final class Receiver extends ClientCall.Listener<W> {
        @Override
        public void onHeaders(Metadata headers) {
            answered.countDown();
        }

        @Override
        public void onMessage(W message) {
            queue.add(message);
        }

        @Override
        public void onClose(Status status, Metadata trailers) {
            end = status;
            queue.add(status);
            answered.countDown();
        }
    }
}
