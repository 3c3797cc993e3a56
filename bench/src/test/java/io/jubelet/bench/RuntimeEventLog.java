/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.bench;

import io.jubelet.cri.CriException;
import io.jubelet.cri.EventStream;
import io.jubelet.cri.RuntimeEvent;
import io.jubelet.cri.RuntimeEvents;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** Reads the events of the runtime on its own thread, so that a wait need not poll. Safe for use by many threads. */
final class RuntimeEventLog implements AutoCloseable {
    private final EventStream<RuntimeEvent> stream;
    /** When the events came, which is some milliseconds after the end. */
    private final Map<String, Instant> stopped = new HashMap<>();

    private long starts;

    private RuntimeEventLog(EventStream<RuntimeEvent> stream) {
        this.stream = stream;
    }

    static RuntimeEventLog open(RuntimeEvents events) {
        Optional<EventStream<RuntimeEvent>> stream = events.open();
        RuntimeEventLog eventLog = new RuntimeEventLog(
                stream.orElseThrow(() -> new BenchException("the runtime has no event stream, which the floor needs")));
        Thread.ofVirtual().name("bench-events").start(eventLog::read);
        return eventLog;
    }

    private void read() {
        try {
            while (true) {
                note(stream.next());
            }
        } catch (CriException _) {
            // The stream was closed, or the runtime is down; then the next call fails with the reason.
        }
    }

    private synchronized void note(RuntimeEvent event) {
        switch (event.kind()) {
            case STOPPED -> stopped.putIfAbsent(event.id(), Instant.now());
            case STARTED -> starts++;
            case CREATED, DELETED, OOM, OTHER -> {
                return;
            }
        }
        notifyAll();
    }

    /** The number of starts until now, for {@link #awaitStarts}. */
    synchronized long mark() {
        return starts;
    }

    /** Waits until this number of sandboxes and containers were started after the mark, or until the timeout. */
    synchronized void awaitStarts(long mark, int many, Duration timeout) throws InterruptedException {
        long end = System.nanoTime() + timeout.toNanos();
        while (starts < mark + many) {
            long left = end - System.nanoTime();
            if (left <= 0) {
                return;
            }
            wait(left / 1_000_000, (int) (left % 1_000_000));
        }
    }

    /**
     * Waits for the event that this container has stopped.
     *
     * @return when it came
     */
    synchronized Instant awaitStopped(String id, Duration timeout) throws InterruptedException {
        long end = System.nanoTime() + timeout.toNanos();
        while (!stopped.containsKey(id)) {
            long left = end - System.nanoTime();
            if (left <= 0) {
                throw new BenchException(
                        "no event about the end of container " + id + " within " + timeout.toSeconds() + " s");
            }
            wait(left / 1_000_000, (int) (left % 1_000_000));
        }
        return stopped.get(id);
    }

    @Override
    public void close() {
        stream.close();
    }
}
