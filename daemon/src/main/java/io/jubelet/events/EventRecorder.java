/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
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
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.regex.Pattern;

/**
 * Records what happens to the pods of this node, and to the node itself, and keeps the last events in memory.
 *
 * <p>The same event of the same object is kept once, with a count; messages that differ in random
 * ids alone are the same. At most {@value #MAX_EVENTS} events are kept, and at most {@value
 * #MAX_EVENTS_PER_POD} of one pod; the event whose last occurrence is the oldest is dropped first.
 * Recording never waits for a reader. Safe for use by many threads.
 */
public final class EventRecorder {

    /** The reason of a warning that nothing existed at a path of the node, so a directory was created there. */
    public static final String DIRECTORY_CREATED = "DirectoryCreated";

    /** The number of events that are kept. */
    public static final int MAX_EVENTS = 1000;

    /** The number of events that are kept of one pod, so that a failing pod does not displace the events of others. */
    public static final int MAX_EVENTS_PER_POD = 50;

    /** A longer message is truncated, as the API server does. */
    private static final int MAX_MESSAGE = 1024;

    /** A UUID, the id of a container, a sandbox or an image, or the number of a temporary file. */
    private static final Pattern RANDOM_ID =
            Pattern.compile("[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{12,}|\\d{8,}");

    /**
     * The events at one moment.
     *
     * @param all the events that are kept, ordered by their last occurrence
     * @param total how many different events were recorded since the start, including those that were dropped
     */
    public record Snapshot(List<Event> all, long total) {
        public Snapshot {
            all = List.copyOf(all);
        }
    }

    private final InstantSource clock;
    private final Runnable onChange;
    private final ReentrantLock lock = new ReentrantLock();
    /** Ordered by the last occurrence. Guarded by the lock, as are the fields below. */
    private final LinkedHashMap<Key, Event> events = new LinkedHashMap<>();

    private final Map<PodName, Integer> countsByPod = new HashMap<>();
    private long lastId;
    private long total;

    /**
     * Two events with equal keys are the same event.
     *
     * @param message without the random ids, which differ from one attempt to the next
     */
    private record Key(InvolvedObject object, boolean warning, String reason, String message) {

        // Written out for the reason that PodName gives.

        @Override
        public boolean equals(Object other) {
            return other instanceof Key that
                    && warning == that.warning
                    && object.equals(that.object)
                    && reason.equals(that.reason)
                    && message.equals(that.message);
        }

        @Override
        public int hashCode() {
            return 31 * (31 * object.hashCode() + reason.hashCode()) + message.hashCode();
        }
    }

    /**
     * Creates a recorder without events.
     *
     * @param clock the clock of the events
     * @param onChange called after each event, on the thread that records it; must not block
     */
    public EventRecorder(InstantSource clock, Runnable onChange) {
        this.clock = Objects.requireNonNull(clock, "clock");
        this.onChange = Objects.requireNonNull(onChange, "onChange");
    }

    /**
     * Records that something happened to a container as it should.
     *
     * @param container the name of a container of the pod
     * @param reason one CamelCase word, the kubelet's where it has one
     * @param message one sentence for people
     */
    public void normal(Pod pod, String container, String reason, String message) {
        record(object(pod, container), false, reason, message);
    }

    /** Records that something went wrong with a container; see {@link #normal(Pod, String, String, String)}. */
    public void warning(Pod pod, String container, String reason, String message) {
        record(object(pod, container), true, reason, message);
    }

    /** Records that something happened to a pod as a whole; see {@link #normal(Pod, String, String, String)}. */
    public void normal(Pod pod, String reason, String message) {
        record(object(pod), false, reason, message);
    }

    /** Records that something went wrong with a pod as a whole; see {@link #normal(Pod, String, String, String)}. */
    public void warning(Pod pod, String reason, String message) {
        record(object(pod), true, reason, message);
    }

    /** Records an event of a container, or of the pod as a whole if {@code container} is empty. */
    public void normal(Pod pod, Optional<String> container, String reason, String message) {
        record(container.isEmpty() ? object(pod) : object(pod, container.get()), false, reason, message);
    }

    /** Records an event of a container of a pod version whose content was lost. */
    public void normal(PodName pod, String uid, String container, String reason, String message) {
        record(new InvolvedObject(pod, false, uid, Optional.of(container), false), false, reason, message);
    }

    /** Records that something happened to the node; the event is listed beside those of the pods. */
    public void normal(String node, String reason, String message) {
        record(InvolvedObject.node(node), false, reason, message);
    }

    /** Records that something went wrong with the node; the event is listed beside those of the pods. */
    public void warning(String node, String reason, String message) {
        record(InvolvedObject.node(node), true, reason, message);
    }

    /** Returns the events that are kept, ordered by their last occurrence. */
    public List<Event> all() {
        return snapshot().all();
    }

    /** Returns the events that are kept, and how many were recorded since the start. */
    public Snapshot snapshot() {
        lock.lock();
        try {
            return new Snapshot(List.copyOf(events.values()), total);
        } finally {
            lock.unlock();
        }
    }

    private static InvolvedObject object(Pod pod) {
        return new InvolvedObject(pod.name(), false, pod.uid(), Optional.empty(), false);
    }

    private static InvolvedObject object(Pod pod, String container) {
        return new InvolvedObject(pod.name(), false, pod.uid(), Optional.of(container), isInit(pod, container));
    }

    private static boolean isInit(Pod pod, String container) {
        for (ContainerSpec init : pod.spec().initContainers()) {
            if (init.name().equals(container)) {
                return true;
            }
        }
        return false;
    }

    private void record(InvolvedObject object, boolean warning, String reason, String message) {
        String text = message.length() <= MAX_MESSAGE ? message : message.substring(0, MAX_MESSAGE - 3) + "...";
        Key key = new Key(object, warning, reason, RANDOM_ID.matcher(text).replaceAll("*"));
        Instant now = clock.instant();
        lock.lock();
        try {
            Event before = events.remove(key);
            if (before != null) {
                events.put(key, before.next(now, text));
            } else {
                total++;
                // The API names events by the time in nanoseconds.
                lastId = Math.max(lastId + 1, now.getEpochSecond() * 1_000_000_000L + now.getNano());
                events.put(key, new Event(lastId, object, warning, reason, text, EventSeries.startingAt(now)));
                dropExcess(object.pod());
            }
        } finally {
            lock.unlock();
        }
        onChange.run();
    }

    private void dropExcess(PodName pod) {
        if (countsByPod.merge(pod, 1, Integer::sum) > MAX_EVENTS_PER_POD) {
            dropOldest(pod);
        }
        if (events.size() > MAX_EVENTS) {
            dropOldest(events.firstEntry().getKey().object().pod());
        }
    }

    private void dropOldest(PodName pod) {
        Iterator<Key> keys = events.keySet().iterator();
        while (keys.hasNext()) {
            if (keys.next().object().pod().equals(pod)) {
                keys.remove();
                countsByPod.computeIfPresent(pod, (_, count) -> count == 1 ? null : count - 1);
                return;
            }
        }
    }
}
