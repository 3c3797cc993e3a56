package io.jubelet.concurrent;

import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes turns on a virtual thread of its own until it is closed. The one place that catches what a turn throws: a turn
 * that fails is logged, counted, and tried again after a back-off that doubles up to a maximum.
 *
 * <p>Safe for use by many threads.
 */
public final class Loop implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Loop.class);

    /** How often in a row a turn may be deferred before the log says so. */
    private static final int BUSY = 3;

    /** One turn. */
    @FunctionalInterface
    public interface Turn {

        /**
         * Does the work.
         *
         * @return how long to wait before the next turn, unless somebody wakes the loop
         */
        Duration take() throws InterruptedException;
    }

    /** What an exception of a turn is that knows how long to leave alone what failed. */
    public interface Deferral {

        /** So long nothing but {@link Loop#release} begins another turn; empty when the back-off of the loop will do. */
        Optional<Duration> retryAfter();
    }

    private final String name;
    private final Turn turn;
    private final Backoff backoff;
    private final Wakeup wakeup = new Wakeup();
    private final Wakeup released = new Wakeup();
    private final AtomicInteger failures = new AtomicInteger();
    private final Thread thread;
    private volatile boolean closed;
    /** Whether the log has the failures of now; touched by the loop alone. */
    private boolean told;

    /**
     * What comes after a turn.
     *
     * @param held how long the loop is deaf to wake-ups
     * @param pause how long it waits for one after that
     */
    private record Pause(Duration held, Duration pause) {}

    private Loop(String name, Duration firstRetry, Duration maxRetry, Turn turn) {
        this.name = Objects.requireNonNull(name, "name");
        this.turn = Objects.requireNonNull(turn, "turn");
        this.backoff = new Backoff(firstRetry, maxRetry);
        this.thread = Threads.unstartedVirtual(name, this::run);
    }

    /** Starts a loop; its first turn begins at once. */
    public static Loop start(String name, Duration firstRetry, Duration maxRetry, Turn turn) {
        Loop loop = unstarted(name, firstRetry, maxRetry, turn);
        loop.begin();
        return loop;
    }

    /** Makes a loop that takes no turn yet: for a turn that needs what is made after the loop. */
    public static Loop unstarted(String name, Duration firstRetry, Duration maxRetry, Turn turn) {
        return new Loop(name, firstRetry, maxRetry, turn);
    }

    /** Begins the first turn. Called once. */
    public void begin() {
        thread.start();
    }

    /** Asks for a turn now, or for another one after the turn under way, or when what failed may be asked again. */
    public void wake() {
        wakeup.signal();
    }

    /** Asks for a turn now, even if what failed was to be left alone: it is another now. */
    public void release() {
        // In this order: a turn that begins of it takes both.
        released.signal();
        wakeup.signal();
    }

    /** Turns that failed in a row, zero when the last one was good. */
    public int failures() {
        return failures.get();
    }

    /** Interrupts the turn under way and begins no other; does not wait for the end of the thread. */
    @Override
    public void close() {
        closed = true;
        thread.interrupt();
    }

    private void run() {
        try {
            while (!closed) {
                released.awaitFor(Duration.ZERO);
                Pause next = takeTurn();
                if (next.held().isPositive()) {
                    released.awaitFor(next.held());
                }
                wakeup.awaitFor(next.pause());
            }
        } catch (InterruptedException _) {
            LOG.debug("{} is asked to end", name);
        }
    }

    private Pause takeTurn() throws InterruptedException {
        try {
            Duration pause = turn.take();
            failures.set(0);
            if (told) {
                LOG.info("{} works again", name);
                told = false;
            }
            return new Pause(Duration.ZERO, pause);
        } catch (RuntimeException e) {
            if (closed || Thread.currentThread().isInterrupted()) {
                throw new InterruptedException();
            }
            return failed(e);
        }
    }

    private Pause failed(RuntimeException e) {
        int count = failures.incrementAndGet();
        Duration delay = backoff.delay(count);
        Duration held = e instanceof Deferral deferral ? deferral.retryAfter().orElse(Duration.ZERO) : Duration.ZERO;
        // Somebody who is busy and says so is no trouble, unless it goes on.
        if (!told && (held.isZero() || count >= BUSY)) {
            LOG.warn("{} failed and is tried again: {}", name, e.toString());
            told = true;
        }
        LOG.debug("{} failed {} times, next try in {} and not before {}", name, count, delay, held, e);
        return new Pause(held, delay.compareTo(held) > 0 ? delay.minus(held) : Duration.ZERO);
    }
}
