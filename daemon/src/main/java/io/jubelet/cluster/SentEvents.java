/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cluster;

import io.jubelet.events.Event;
import io.jubelet.events.EventRecorder;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** Tracks which events were sent to the cluster, and how many were lost. For one thread. */
final class SentEvents {

    /** The count of each buffered event when it was sent. */
    private final Map<Long, Integer> sent = new HashMap<>();

    private final Set<Long> waiting = new HashSet<>();
    private long ever;
    private long lost;

    /** Counts events that left the buffer before they were sent, even if no call saw them. */
    void update(EventRecorder.Snapshot now) {
        Set<Long> kept = new HashSet<>();
        now.all().forEach(event -> kept.add(event.id()));
        long news = now.total() - ever;
        ever = now.total();
        for (Long id : kept) {
            news -= sent.containsKey(id) || waiting.contains(id) ? 0 : 1;
        }
        waiting.removeAll(kept);
        lost += news + waiting.size();
        sent.keySet().retainAll(kept);
        waiting.clear();
        waiting.addAll(kept);
        waiting.removeAll(sent.keySet());
    }

    /** Returns how many events were lost since the last call. */
    long takeLost() {
        long since = lost;
        lost = 0;
        return since;
    }

    /** Returns whether an event was sent with its current count. */
    boolean isUpToDate(Event event) {
        return event.count() == sent.getOrDefault(event.id(), 0);
    }

    /** Returns whether an event was sent at all. */
    boolean wasSent(Event event) {
        return sent.containsKey(event.id());
    }

    /** Marks an event as sent, or as rejected. */
    void markSent(Event event) {
        sent.put(event.id(), event.count());
        waiting.remove(event.id());
    }
}
