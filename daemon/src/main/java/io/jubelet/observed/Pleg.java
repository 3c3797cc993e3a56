package io.jubelet.observed;

import io.jubelet.concurrent.Threads;
import io.jubelet.concurrent.Wakeup;
import io.jubelet.cri.CriException;
import io.jubelet.cri.EventStream;
import io.jubelet.cri.RuntimeEvent;
import io.jubelet.cri.RuntimeEvents;
import io.jubelet.pod.PodName;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The pod life-cycle event generator: wakes workers when the runtime says or shows that something happened to their pods.
 *
 * <p>Two virtual threads. One reads the runtime's events, which are hints and may be lost. The other lists: every 30 s
 * with a healthy event stream, every second without one, and at once when a stream begins or ends.
 */
public final class Pleg implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Pleg.class);

    private static final Duration RELIST_WITH_EVENTS = Duration.ofSeconds(30);
    private static final Duration RELIST_WITHOUT_EVENTS = Duration.ofSeconds(1);
    private static final Duration FIRST_REOPEN = Duration.ofMillis(100);
    private static final Duration MAX_REOPEN = Duration.ofSeconds(2);
    private static final Duration REOPEN_UNSUPPORTED = Duration.ofMinutes(5);

    private final RuntimeEvents events;
    private final Relist relist;
    private final PodObserver observer;
    private final Consumer<PodName> wake;
    private final Consumer<Collection<PodName>> changed;
    private final Runnable runtimeBack;
    private final InstantSource clock;
    private final Wakeup relistNow = new Wakeup();
    private Thread eventThread;
    private Thread relistThread;

    /** Published by the event thread, read by the relist thread. */
    private volatile boolean streaming;

    /** Published by the relist thread, read by health checks. */
    private volatile Instant lastSuccess;

    private volatile Optional<String> problem = Optional.empty();

    /**
     * @param wake asks one pod's worker to look again
     * @param changed takes the pods that a relist found changed, also such that have no worker yet
     * @param runtimeBack told when the runtime answers again after it did not
     */
    public Pleg(
            RuntimeEvents events,
            Relist relist,
            PodObserver observer,
            Consumer<PodName> wake,
            Consumer<Collection<PodName>> changed,
            Runnable runtimeBack,
            InstantSource clock) {
        this.events = events;
        this.relist = relist;
        this.observer = observer;
        this.wake = wake;
        this.changed = changed;
        this.runtimeBack = runtimeBack;
        this.clock = clock;
        this.lastSuccess = clock.instant();
    }

    /** Starts both threads. The first relist hands on every pod of ours that the runtime has. */
    public void start() {
        relistThread = Threads.startVirtual("pleg/relist", this::relistLoop);
        eventThread = Threads.startVirtual("pleg/events", this::eventLoop);
    }

    /** When the runtime last answered a relist. */
    public Instant lastSuccess() {
        return lastSuccess;
    }

    /** Why the runtime cannot be listed at the moment. */
    public Optional<String> problem() {
        return problem;
    }

    private void relistLoop() {
        try {
            while (true) {
                relist();
                boolean calm = streaming && problem.isEmpty();
                relistNow.awaitFor(calm ? RELIST_WITH_EVENTS : RELIST_WITHOUT_EVENTS);
            }
        } catch (InterruptedException | CriException.Cancelled e) {
            LOG.debug("relisting ends");
        }
    }

    private void relist() {
        try {
            Set<PodName> pods = relist.changed();
            lastSuccess = clock.instant();
            if (problem.isPresent()) {
                LOG.info("the runtime answers again");
                problem = Optional.empty();
                runtimeBack.run();
            }
            if (!pods.isEmpty()) {
                changed.accept(pods);
            }
        } catch (CriException.Cancelled e) {
            throw e;
        } catch (RuntimeException e) {
            Optional<String> now = Optional.of(String.valueOf(e.getMessage()));
            if (!now.equals(problem)) {
                LOG.warn("the runtime cannot be listed, trying again each second: {}", e.getMessage());
            }
            problem = now;
        }
    }

    private void eventLoop() {
        Duration pause = FIRST_REOPEN;
        Wakeup never = new Wakeup();
        try {
            while (true) {
                try {
                    Optional<EventStream<RuntimeEvent>> stream = events.open();
                    if (stream.isEmpty()) {
                        LOG.warn("the runtime offers no events; it is listed each second instead");
                        never.awaitFor(REOPEN_UNSUPPORTED);
                        continue;
                    }
                    pause = FIRST_REOPEN;
                    read(stream.get());
                } catch (CriException.Cancelled e) {
                    throw e;
                } catch (RuntimeException e) {
                    LOG.info("the event stream ended, listing each second until it is back: {}", e.getMessage());
                } finally {
                    streaming = false;
                    relistNow.signal();
                }
                never.awaitFor(pause);
                pause = pause.multipliedBy(2).compareTo(MAX_REOPEN) < 0 ? pause.multipliedBy(2) : MAX_REOPEN;
            }
        } catch (InterruptedException | CriException.Cancelled e) {
            LOG.debug("reading events ends");
        }
    }

    /** What happened before the stream was open is found by a relist made after it. */
    private void read(EventStream<RuntimeEvent> stream) {
        try (stream) {
            streaming = true;
            relistNow.signal();
            while (true) {
                hint(stream.next());
            }
        }
    }

    private void hint(RuntimeEvent event) {
        Optional<PodName> owner = observer.owner(event.id());
        if (owner.isEmpty()) {
            return;
        }
        switch (event.kind()) {
            case STOPPED -> {
                observer.announceExit(event.id());
                wake.accept(owner.get());
            }
            case DELETED, OOM, OTHER -> wake.accept(owner.get());
            case CREATED, STARTED -> LOG.trace("{} of {}: its worker did that", event.kind(), owner.get());
        }
    }

    /** Ends both threads. */
    @Override
    public void close() {
        eventThread.interrupt();
        relistThread.interrupt();
    }
}
