package io.jubelet.cluster;

import io.jubelet.events.Event;
import io.jubelet.events.EventRecorder;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** Which events the cluster was told of, and how many it never will be. For one thread. */
final class SentEvents {

    /** How often each event of the memory had happened when it was sent. */
    private final Map<Long, Integer> sent = new HashMap<>();

    private final Set<Long> waiting = new HashSet<>();
    private long ever;
    private long lost;

    /** Counts what has left the memory before it could be sent, be it before anybody looked. */
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

    /** How many were lost since this was asked last. */
    long takeLost() {
        long since = lost;
        lost = 0;
        return since;
    }

    /** Whether the cluster was told of an event as it is now. */
    boolean isUpToDate(Event event) {
        return event.count() == sent.getOrDefault(event.id(), 0);
    }

    /** Whether the cluster was told of it at all. */
    boolean wasSent(Event event) {
        return sent.containsKey(event.id());
    }

    /** The cluster was told of an event, or does not want it. */
    void markSent(Event event) {
        sent.put(event.id(), event.count());
        waiting.remove(event.id());
    }
}
