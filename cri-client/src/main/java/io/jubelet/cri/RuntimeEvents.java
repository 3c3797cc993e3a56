/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cri;

import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/**
 * Event hints from any source that the runtime has. Thread-safe.
 *
 * <p>A hint can arrive before the status changes: containerd 1.6 announces the exit of a process
 * some milliseconds before the status of the container contains it. A receiver that finds no change
 * should query again a little later.
 */
public interface RuntimeEvents {
    /**
     * Opens the best available stream: the events of the CRI, otherwise those of containerd; empty
     * if the runtime has neither. Blocks for about a round trip, and for a few hundred milliseconds
     * at most if the runtime is healthy. A stream that is silent at first counts as open; if the
     * runtime rejects it later, reading throws {@link CriException.Unimplemented}.
     *
     * @param kinds the kinds of events to receive; a source without a filter delivers all kinds
     * @throws CriException.Unavailable if the runtime cannot be reached
     * @throws CriException.Cancelled if this thread was interrupted
     */
    Optional<EventStream<RuntimeEvent>> open(Set<RuntimeEvent.Kind> kinds);

    /** Like {@link #open(Set)}, for all kinds of events. */
    default Optional<EventStream<RuntimeEvent>> open() {
        return open(EnumSet.allOf(RuntimeEvent.Kind.class));
    }
}
