/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cri.simulated;

import io.jubelet.cri.ContainerEventResponse;
import io.jubelet.cri.CriException;
import io.jubelet.cri.EventStream;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** One open stream. Its reader waits in real time, even if the clock of the runtime is manual. */
final class SimulatedStream<E> implements EventStream<E> {
    private enum End {
        BROKEN,
        CLOSED
    }

    private final String operation;
    private final Function<ContainerEventResponse, E> map;
    private final Consumer<SimulatedStream<E>> onClose;
    private final BlockingQueue<Object> queue = new LinkedBlockingQueue<>();

    SimulatedStream(String operation, Function<ContainerEventResponse, E> map, Consumer<SimulatedStream<E>> onClose) {
        this.operation = operation;
        this.map = map;
        this.onClose = onClose;
    }

    void add(ContainerEventResponse event) {
        queue.add(map.apply(event));
    }

    void breakStream() {
        queue.add(End.BROKEN);
    }

    @Override
    public E next() {
        return take(Long.MAX_VALUE);
    }

    @Override
    public @Nullable E poll(Duration timeout) {
        return take(timeout.toNanos());
    }

    @SuppressWarnings("unchecked") // an element that is not an End is an event
    private E take(long nanos) {
        try {
            Object head = queue.poll(nanos, TimeUnit.NANOSECONDS);
            if (!(head instanceof End end)) {
                return (E) head;
            }
            queue.add(end); // the next read finds it again
            throw switch (end) {
                case BROKEN -> new CriException.Unavailable(operation, "the runtime ended the stream");
                case CLOSED -> new CriException.Cancelled(operation, "the stream was closed");
            };
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CriException.Cancelled(operation, "interrupted while waiting for an event", e);
        }
    }

    @Override
    public void close() {
        onClose.accept(this);
        queue.clear();
        queue.add(End.CLOSED);
    }
}
