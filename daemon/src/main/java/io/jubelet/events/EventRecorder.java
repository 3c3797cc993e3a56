package io.jubelet.events;

import io.jubelet.pod.ContainerSpec;
import io.jubelet.pod.Pod;
import io.jubelet.pod.PodName;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The last events of the pods of this node.
 *
 * <p>Properties: the same event of the same object is kept once, with a count; no more than {@value #MOST} events are kept,
 * no more than {@value #MOST_OF_A_POD} of one pod, and the one that has not happened for the longest time goes first; nobody
 * waits for a reader. Safe for use by many threads.
 */
public final class EventRecorder {

    /** So many are kept. */
    public static final int MOST = 1000;

    /** So many are kept of one pod, lest one in trouble drives out the others. */
    public static final int MOST_OF_A_POD = 50;

    /** A longer message is cut, as by the API server. */
    private static final int LONGEST_MESSAGE = 1024;

    /**
     * What is known of events at one moment.
     *
     * @param all that are kept; the one that happened last is last
     * @param total how many different ones there have been, with those that are kept no more
     */
    public record Snapshot(List<Event> all, long total) {
        public Snapshot {
            all = List.copyOf(all);
        }
    }

    private final InstantSource clock;
    private final Runnable changed;
    private final ReentrantLock lock = new ReentrantLock();
    /** By what makes events the same; the one that happened last is last. Guarded by the lock, as are the others. */
    private final LinkedHashMap<Key, Event> events = new LinkedHashMap<>();

    private final Map<PodName, Integer> ofPods = new HashMap<>();
    private long lastId;
    private long total;

    private record Key(
            PodName pod, boolean ofNode, String uid, String container, boolean warning, String reason, String message) {

        // Written out for the reason that PodName gives.

        @Override
        public boolean equals(Object other) {
            return other instanceof Key that
                    && ofNode == that.ofNode
                    && warning == that.warning
                    && pod.equals(that.pod)
                    && uid.equals(that.uid)
                    && container.equals(that.container)
                    && reason.equals(that.reason)
                    && message.equals(that.message);
        }

        @Override
        public int hashCode() {
            return 31 * (31 * (31 * uid.hashCode() + container.hashCode()) + reason.hashCode()) + message.hashCode();
        }

        Key cut() {
            return message.length() <= LONGEST_MESSAGE
                    ? this
                    : new Key(
                            pod,
                            ofNode,
                            uid,
                            container,
                            warning,
                            reason,
                            message.substring(0, LONGEST_MESSAGE - 3) + "...");
        }

        Event event(long id, boolean init, Instant now) {
            return new Event(id, pod, ofNode, uid, container, init, warning, reason, message, 1, now, now);
        }
    }

    /**
     * @param clock of the events
     * @param changed told after each event, on the thread that tells it; must not block
     */
    public EventRecorder(InstantSource clock, Runnable changed) {
        this.clock = Objects.requireNonNull(clock, "clock");
        this.changed = Objects.requireNonNull(changed, "changed");
    }

    /**
     * Notes that something happened as it should.
     *
     * @param container one of the pod's; empty for the pod as a whole
     * @param reason one CamelCase word, the kubelet's where it has one
     * @param message one sentence for people
     */
    public void normal(Pod pod, String container, String reason, String message) {
        note(new Key(pod.name(), false, pod.uid(), container, false, reason, message), init(pod, container));
    }

    /** Notes that something went wrong; the parameters are those of {@link #normal(Pod, String, String, String)}. */
    public void warning(Pod pod, String container, String reason, String message) {
        note(new Key(pod.name(), false, pod.uid(), container, true, reason, message), init(pod, container));
    }

    /** As {@link #normal(Pod, String, String, String)}, of a version whose content was lost. */
    public void normal(PodName pod, String uid, String container, String reason, String message) {
        note(new Key(pod, false, uid, container, false, reason, message), false);
    }

    /** Notes that something happened to the node, whose events stand beside those of pods. */
    public void normal(String node, String reason, String message) {
        note(new Key(new PodName("default", node), true, node, "", false, reason, message), false);
    }

    /** Notes that something went wrong with the node, whose events stand beside those of pods. */
    public void warning(String node, String reason, String message) {
        note(new Key(new PodName("default", node), true, node, "", true, reason, message), false);
    }

    /** All events that are kept; the one that happened last is last. */
    public List<Event> all() {
        return kept().all();
    }

    /** All events that are kept, and how many there have been. */
    public Snapshot kept() {
        lock.lock();
        try {
            return new Snapshot(List.copyOf(events.values()), total);
        } finally {
            lock.unlock();
        }
    }

    private static boolean init(Pod pod, String container) {
        for (ContainerSpec init : pod.spec().initContainers()) {
            if (init.name().equals(container)) {
                return true;
            }
        }
        return false;
    }

    private void note(Key event, boolean init) {
        Key key = event.cut();
        Instant now = clock.instant();
        lock.lock();
        try {
            Event before = events.remove(key);
            if (before != null) {
                events.put(key, before.again(now));
            } else {
                total++;
                // As the API names them: by the time in nanoseconds.
                lastId = Math.max(lastId + 1, now.getEpochSecond() * 1_000_000_000L + now.getNano());
                events.put(key, key.event(lastId, init, now));
                makeRoom(key.pod());
            }
        } finally {
            lock.unlock();
        }
        changed.run();
    }

    private void makeRoom(PodName pod) {
        if (ofPods.merge(pod, 1, Integer::sum) > MOST_OF_A_POD) {
            removeOldest(pod);
        }
        if (events.size() > MOST) {
            removeOldest(events.firstEntry().getKey().pod());
        }
    }

    private void removeOldest(PodName pod) {
        Iterator<Key> keys = events.keySet().iterator();
        while (keys.hasNext()) {
            if (keys.next().pod().equals(pod)) {
                keys.remove();
                ofPods.computeIfPresent(pod, (_, count) -> count == 1 ? null : count - 1);
                return;
            }
        }
    }
}
