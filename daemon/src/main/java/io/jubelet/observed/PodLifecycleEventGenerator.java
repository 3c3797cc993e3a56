/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.observed;

import io.jubelet.concurrent.Loop;
import io.jubelet.cri.CriException;
import io.jubelet.cri.EventStream;
import io.jubelet.cri.RuntimeEvent;
import io.jubelet.cri.RuntimeEvents;
import io.jubelet.pod.PodName;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Turns what happens on the runtime into signals to observe a pod again, from events of the runtime
 * and from relists, as the PLEG of the kubelet does. Events are hints; relists find what events
 * missed.
 *
 * <p>Two loops run on virtual threads of their own. One reads the event stream and reopens it
 * forever. The other relists every 30 seconds while there is a stream and every second while there
 * is none, soon after a worker has done something, and at once when a stream opens or ends, because
 * what happened in between is in no stream.
 */
public final class PodLifecycleEventGenerator implements AutoCloseable {

    /** Excludes what a worker did itself, because it observes the result itself. */
    private static final Set<RuntimeEvent.Kind> KINDS =
            EnumSet.complementOf(EnumSet.of(RuntimeEvent.Kind.CREATED, RuntimeEvent.Kind.STARTED));

    private static final Duration FIRST_RETRY = Duration.ofMillis(100);
    private static final Duration MAX_RETRY = Duration.ofSeconds(2);

    /** How often to relist. */
    public record RelistPeriods(Duration withEvents, Duration withoutEvents) {

        /** 30 seconds and one second. */
        public static final RelistPeriods DEFAULT = new RelistPeriods(Duration.ofSeconds(30), Duration.ofSeconds(1));

        public RelistPeriods {
            Objects.requireNonNull(withEvents, "withEvents");
            Objects.requireNonNull(withoutEvents, "withoutEvents");
        }
    }

    /**
     * The receivers of the signals. Called on the threads of the loops; must not block for long.
     *
     * @param wake observe this pod again, if it has a worker
     * @param changed these pods look different in a list, known or not; called after the first list
     *     in any case, and after others if there are any
     * @param runtimeRecovered the runtime responds again, so failed actions may be retried
     */
    public record Listeners(Consumer<PodName> wake, Consumer<Set<PodName>> changed, Runnable runtimeRecovered) {
        public Listeners {
            Objects.requireNonNull(wake, "wake");
            Objects.requireNonNull(changed, "changed");
            Objects.requireNonNull(runtimeRecovered, "runtimeIsBack");
        }
    }

    private final RuntimeEvents events;
    private final PodObserver observer;
    private final Relist relist;
    private final Listeners listeners;
    private final RelistPeriods periods;
    private final RelistSchedule schedule = new RelistSchedule(System.nanoTime() + RelistSchedule.DELAY.toNanos());
    private @Nullable Loop relisting;
    private @Nullable Loop reading;
    private volatile boolean streaming;
    private volatile boolean relistFailed;

    /**
     * Whether the first list was reported, which happens even if it is empty. Used by the relisting
     * thread.
     */
    private boolean listed;

    /**
     * Creates a generator that is not started yet.
     *
     * @param events the source of event streams
     * @param observer maps IDs to pods, and records exits that lists do not show yet
     * @param relist the safety net
     */
    public PodLifecycleEventGenerator(
            RuntimeEvents events, PodObserver observer, Relist relist, Listeners listeners, RelistPeriods periods) {
        this.events = Objects.requireNonNull(events, "events");
        this.observer = Objects.requireNonNull(observer, "observer");
        this.relist = Objects.requireNonNull(relist, "relist");
        this.listeners = Objects.requireNonNull(listeners, "listeners");
        this.periods = Objects.requireNonNull(periods, "pace");
    }

    /** Starts both loops. From now on only they use {@code relist}. */
    public synchronized void start() {
        relisting = Loop.start("relist", FIRST_RETRY, MAX_RETRY, this::relist);
        reading = Loop.start("runtime-events", FIRST_RETRY, MAX_RETRY, this::read);
    }

    /** Requests a relist soon, because something was done on the runtime. Any thread. */
    public void requestRelist() {
        schedule.request(System.nanoTime());
        wake();
    }

    private synchronized void wake() {
        if (relisting != null) {
            relisting.wake();
        }
    }

    /** Whether an event stream is open. */
    public boolean streaming() {
        return streaming;
    }

    /** Ends both loops. */
    @Override
    public synchronized void close() {
        if (reading != null) {
            reading.close();
        }
        if (relisting != null) {
            relisting.close();
        }
    }

    private Duration relist() {
        Duration remaining = schedule.remaining(System.nanoTime());
        if (remaining.isPositive()) {
            return remaining;
        }
        schedule.started(System.nanoTime());
        Set<PodName> changed;
        try {
            changed = relist.relist();
        } catch (CriException e) {
            relistFailed = true;
            throw e;
        }
        if (!changed.isEmpty() || !listed) {
            listed = true;
            listeners.changed().accept(changed);
        }
        if (relistFailed) {
            relistFailed = false;
            listeners.runtimeRecovered().run();
        }
        schedule.finished(System.nanoTime(), streaming ? periods.withEvents() : periods.withoutEvents());
        return schedule.remaining(System.nanoTime());
    }

    /** Opens a stream and reads it to its end. Returns how long to wait before the next one. */
    private Duration read() {
        Optional<EventStream<RuntimeEvent>> opened = events.open(KINDS);
        if (opened.isEmpty()) {
            return MAX_RETRY; // only lists, until the runtime is replaced by one that has events
        }
        try (EventStream<RuntimeEvent> stream = opened.get()) {
            streaming = true;
            if (relistFailed) {
                relistNow();
            } else {
                requestRelist(); // the adoption of running pods has just listed
            }
            while (true) {
                take(stream.next());
            }
        } catch (CriException.Unavailable _) {
            relistFailed = true; // it may recover before a list fails
            return FIRST_RETRY;
        } finally {
            streaming = false;
            relistNow();
        }
    }

    private void relistNow() {
        schedule.requestNow(System.nanoTime());
        wake();
    }

    private void take(RuntimeEvent event) {
        switch (event.kind()) {
            case STOPPED -> observer.announceExit(event.id());
            case DELETED -> observer.announceRelease(event.id());
            case OOM -> observer.announceKill(event.id());
            case OTHER -> {}
            case CREATED, STARTED -> {
                return; // from a runtime that cannot filter
            }
        }
        Optional<PodName> owner = observer.owner(event.id());
        if (owner.isEmpty() && event.podSandboxId() != null) {
            owner = observer.owner(event.podSandboxId().value());
        }
        if (owner.isEmpty() && event.podUid() != null) {
            owner = observer.owner(event.podUid());
        }
        owner.ifPresent(listeners.wake());
    }
}
