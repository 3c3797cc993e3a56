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

/**
 * Turns what happens on the runtime into calls that say "look again at this pod": events as hints, and lists, which are
 * the truth, behind them.
 *
 * <p>Two loops, each on a virtual thread of its own: one reads the event stream and opens it anew, for ever; the other
 * relists each 30 seconds while there is a stream, each second while there is none, soon after work was done, and at once when
 * a stream opens or ends, for what happened in between is in no stream.
 */
public final class PodLifecycleEventGenerator implements AutoCloseable {

    /** Not what a worker did itself: it looks for itself. */
    private static final Set<RuntimeEvent.Kind> KINDS =
            EnumSet.complementOf(EnumSet.of(RuntimeEvent.Kind.CREATED, RuntimeEvent.Kind.STARTED));

    private static final Duration FIRST_RETRY = Duration.ofMillis(100);
    private static final Duration MAX_RETRY = Duration.ofSeconds(2);

    /** How often lists are taken. */
    public record Pace(Duration withEvents, Duration withoutEvents) {

        /** 30 seconds and one second. */
        public static final Pace DEFAULT = new Pace(Duration.ofSeconds(30), Duration.ofSeconds(1));

        public Pace {
            Objects.requireNonNull(withEvents, "withEvents");
            Objects.requireNonNull(withoutEvents, "withoutEvents");
        }
    }

    /**
     * Whom to tell. Called on the threads of the loops; must not block for long.
     *
     * @param wake look again at this pod, if anybody cares about it
     * @param changed these pods look different in a list, be they known or not; told of the first list, whatever it
     *     shows, and of others when there are any
     * @param runtimeIsBack the runtime answers again: what failed may be tried again
     */
    public record Listeners(Consumer<PodName> wake, Consumer<Set<PodName>> changed, Runnable runtimeIsBack) {
        public Listeners {
            Objects.requireNonNull(wake, "wake");
            Objects.requireNonNull(changed, "changed");
            Objects.requireNonNull(runtimeIsBack, "runtimeIsBack");
        }
    }

    private final RuntimeEvents events;
    private final PodObserver observer;
    private final Relist relist;
    private final Listeners listeners;
    private final Pace pace;
    private final RelistSchedule times = new RelistSchedule(System.nanoTime() + RelistSchedule.SOON.toNanos());
    private Loop relisting;
    private Loop reading;
    private volatile boolean streaming;
    private volatile boolean relistFailed;

    /** Whether a list was told; the first is, also when it is empty. Of the relisting thread. */
    private boolean listed;

    /**
     * Starts nothing yet.
     *
     * @param events where hints come from
     * @param observer knows whose an id is, and is told of ends that lists do not show yet
     * @param relist the safety net
     */
    public PodLifecycleEventGenerator(
            RuntimeEvents events, PodObserver observer, Relist relist, Listeners listeners, Pace pace) {
        this.events = Objects.requireNonNull(events, "events");
        this.observer = Objects.requireNonNull(observer, "observer");
        this.relist = Objects.requireNonNull(relist, "relist");
        this.listeners = Objects.requireNonNull(listeners, "listeners");
        this.pace = Objects.requireNonNull(pace, "pace");
    }

    /** Starts both loops. From now on the {@code relist} is theirs. */
    public synchronized void start() {
        relisting = Loop.start("relist", FIRST_RETRY, MAX_RETRY, this::relist);
        reading = Loop.start("runtime-events", FIRST_RETRY, MAX_RETRY, this::read);
    }

    /** Something was done on the runtime: a list shall soon tell whether it agrees. Any thread. */
    public void verify() {
        times.ask(System.nanoTime());
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
        reading.close();
        relisting.close();
    }

    private Duration relist() {
        Duration left = times.left(System.nanoTime());
        if (left.isPositive()) {
            return left;
        }
        times.begin(System.nanoTime());
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
            listeners.runtimeIsBack().run();
        }
        times.taken(System.nanoTime(), streaming ? pace.withEvents() : pace.withoutEvents());
        return times.left(System.nanoTime());
    }

    /** Opens a stream and reads it to its end; how long to wait before the next one. */
    private Duration read() {
        Optional<EventStream<RuntimeEvent>> opened = events.open(KINDS);
        if (opened.isEmpty()) {
            return MAX_RETRY; // lists alone, until the runtime is replaced by one that has events
        }
        try (EventStream<RuntimeEvent> stream = opened.get()) {
            streaming = true;
            if (relistFailed) {
                listAtOnce();
            } else {
                verify(); // adoption has just listed
            }
            while (true) {
                take(stream.next());
            }
        } catch (CriException.Unavailable _) {
            relistFailed = true; // it may be back before a list fails
            return FIRST_RETRY;
        } finally {
            streaming = false;
            listAtOnce();
        }
    }

    private void listAtOnce() {
        times.atOnce(System.nanoTime());
        wake();
    }

    private void take(RuntimeEvent event) {
        switch (event.kind()) {
            case STOPPED -> observer.announceExit(event.id());
            case DELETED -> observer.announceRelease(event.id());
            case OOM, OTHER -> {}
            case CREATED, STARTED -> {
                return; // of a runtime that cannot choose
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
