/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cri;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A stream of events from the runtime. One thread reads it; any thread can close it. Events before
 * the stream was opened and after it broke are lost.
 */
public interface EventStream<E> extends AutoCloseable {
    /**
     * Returns the next event; blocks until there is one.
     *
     * @throws CriException.Unavailable if the runtime ended the stream; the caller can open a new
     *     one
     * @throws CriException.Unimplemented if the runtime does not implement the stream
     * @throws CriException.Cancelled if this thread was interrupted, or the stream was closed
     */
    E next();

    /**
     * Returns the next event, or null if there is none within {@code timeout}.
     *
     * @throws CriException like {@link #next()}
     */
    @Nullable
    E poll(Duration timeout);

    /**
     * Ends the stream; a blocked reader gets {@link CriException.Cancelled}. Closing again does
     * nothing.
     */
    @Override
    void close();
}
