package io.jubelet.cri;

import java.time.Duration;

/**
 * A stream of events from the runtime. One thread reads it; any thread may close it. Nothing is replayed: what happened
 * before it was opened, or after it broke, is not in it.
 */
public interface EventStream<E> extends AutoCloseable {
    /**
     * Blocks until there is an event.
     *
     * @throws CriException.Unavailable the runtime ended the stream; open another one
     * @throws CriException.Unimplemented the runtime has no such stream after all
     * @throws CriException.Cancelled this thread was interrupted, or the stream was closed
     */
    E next();

    /**
     * Blocks until there is an event, but not longer than {@code timeout}; null when there was none.
     *
     * @throws CriException as {@link #next()}
     */
    E poll(Duration timeout);

    /** Ends the stream and wakes its reader. Closing again does nothing. */
    @Override
    void close();
}
