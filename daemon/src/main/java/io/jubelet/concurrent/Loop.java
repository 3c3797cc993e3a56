/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.concurrent;

import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes turns on a virtual thread of its own until it is closed. It catches what a turn throws: a turn that fails is logged,
 * counted, and retried after a {@link Backoff}.
 *
 * <p>Safe for use by many threads.
 */
public final class Loop implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Loop.class);

    /** How many times in a row a turn must be deferred before a warning is logged. */
    private static final int DEFERRALS_TO_WARN = 3;

    /** One turn. */
    @FunctionalInterface
    public interface Turn {

        /**
         * Does the work.
         *
         * @return how long to wait before the next turn, unless {@link Loop#wake} is called
         */
        Duration take() throws InterruptedException;
    }

    /** Implemented by an exception of a turn that knows when the turn should be retried. */
    public interface Deferral {

        /**
         * How long to wait before the next turn, which only {@link Loop#retryNow} shortens; empty if the back-off of the loop is
         * enough.
         */
        Optional<Duration> retryAfter();
    }

    private final String name;
    private final Turn turn;
    private final Backoff backoff;
    private final Wakeup wakeup = new Wakeup();
    private final Wakeup retry = new Wakeup();
    private final AtomicInteger failures = new AtomicInteger();
    private final Thread thread;
    private volatile boolean closed;
    /** Whether the log contains a warning about the failures in a row; confined to the thread of the loop. */
    private boolean warned;

    /**
     * The time between two turns.
     *
     * @param deferred how long the loop ignores wake-ups
     * @param pause how long it waits for a wake-up after that
     */
    private record Pause(Duration deferred, Duration pause) {}

    private Loop(String name, Duration firstRetry, Duration maxRetry, Turn turn) {
        this.name = Objects.requireNonNull(name, "name");
        this.turn = Objects.requireNonNull(turn, "turn");
        this.backoff = new Backoff(firstRetry, maxRetry);
        this.thread = Threads.unstartedVirtual(name, this::run);
    }

    /** Starts a loop, which takes its first turn at once. */
    public static Loop start(String name, Duration firstRetry, Duration maxRetry, Turn turn) {
        Loop loop = unstarted(name, firstRetry, maxRetry, turn);
        loop.begin();
        return loop;
    }

    /** Creates a loop that takes no turn before {@link #begin}, because its turn needs objects that are created after the loop. */
    public static Loop unstarted(String name, Duration firstRetry, Duration maxRetry, Turn turn) {
        return new Loop(name, firstRetry, maxRetry, turn);
    }

    /** Begins the first turn. Must be called only once. */
    public void begin() {
        thread.start();
    }

    /** Requests a turn: now, after the current turn, or when a deferred turn may be retried. */
    public void wake() {
        wakeup.signal();
    }

    /** Requests a turn now, even if the last one was deferred, because what it depends on was replaced. */
    public void retryNow() {
        // In this order, because a turn that begins after the second signal then takes both.
        retry.signal();
        wakeup.signal();
    }

    /** How many turns failed in a row; 0 if the last one succeeded. */
    public int failures() {
        return failures.get();
    }

    /** Interrupts the current turn and begins no other; does not wait for the end of the thread. */
    @Override
    public void close() {
        closed = true;
        thread.interrupt();
    }

    private void run() {
        try {
            while (!closed) {
                retry.awaitFor(Duration.ZERO);
                Pause next = takeTurn();
                if (next.deferred().isPositive()) {
                    retry.awaitFor(next.deferred());
                }
                wakeup.awaitFor(next.pause());
            }
        } catch (InterruptedException _) {
            LOG.debug("loop {} was interrupted and ends", name);
        }
    }

    private Pause takeTurn() throws InterruptedException {
        try {
            Duration pause = turn.take();
            failures.set(0);
            if (warned) {
                LOG.info("loop {} succeeded again", name);
                warned = false;
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
        Duration deferred =
                e instanceof Deferral deferral ? deferral.retryAfter().orElse(Duration.ZERO) : Duration.ZERO;
        // A server that asks for a pause is only busy, unless it goes on.
        if (!warned && (deferred.isZero() || count >= DEFERRALS_TO_WARN)) {
            // An answer of a server is a sentence; anything else may say nothing without its type.
            boolean answer = e instanceof Deferral && e.getMessage() != null;
            LOG.warn("loop {} failed and will be retried: {}", name, answer ? e.getMessage() : e.toString());
            warned = true;
        }
        LOG.debug("loop {} failed: failures={} retryIn={} notBefore={}", name, count, delay, deferred, e);
        return new Pause(deferred, delay.compareTo(deferred) > 0 ? delay.minus(deferred) : Duration.ZERO);
    }
}
