package io.jubelet.concurrent;

import java.time.Duration;
import java.util.Objects;
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

    private final String name;
    private final Turn turn;
    private final Duration firstRetry;
    private final Duration maxRetry;
    private final Wakeup wakeup = new Wakeup();
    private final AtomicInteger failures = new AtomicInteger();
    private final Thread thread;
    private volatile boolean closed;

    private Loop(String name, Duration firstRetry, Duration maxRetry, Turn turn) {
        this.name = Objects.requireNonNull(name, "name");
        this.turn = Objects.requireNonNull(turn, "turn");
        this.firstRetry = Objects.requireNonNull(firstRetry, "firstRetry");
        this.maxRetry = Objects.requireNonNull(maxRetry, "maxRetry");
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

    /** Asks for a turn now, or for another one after the turn under way. */
    public void wake() {
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
                wakeup.awaitFor(takeTurn());
            }
        } catch (InterruptedException _) {
            LOG.debug("{} is asked to end", name);
        }
    }

    private Duration takeTurn() throws InterruptedException {
        try {
            Duration pause = turn.take();
            if (failures.getAndSet(0) > 0) {
                LOG.info("{} works again", name);
            }
            return pause;
        } catch (RuntimeException e) {
            if (closed || Thread.currentThread().isInterrupted()) {
                throw new InterruptedException();
            }
            int count = failures.incrementAndGet();
            Duration delay = backoff(count);
            if (count == 1) {
                LOG.warn("{} failed and is tried again: {}", name, e.toString());
            }
            LOG.debug("{} failed {} times, next try in {}", name, count, delay, e);
            return delay;
        }
    }

    private Duration backoff(int count) {
        Duration delay = firstRetry.multipliedBy(1L << Math.min(count - 1, 16));
        return delay.compareTo(maxRetry) < 0 ? delay : maxRetry;
    }
}
