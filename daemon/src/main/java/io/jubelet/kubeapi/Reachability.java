/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.kubeapi;

import io.jubelet.concurrent.Loop;
import io.jubelet.concurrent.Threads;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tracks whether the API server is reachable. During an outage one readiness check runs every
 * second, and all other requests fail at once; listeners are called when the outage ends.
 *
 * <p>A check that hangs does not delay the next one: the first to succeed ends the outage. Safe
 * for use by many threads.
 */
final class Reachability implements AutoCloseable {

    /** Checks whether the API server is ready. */
    @FunctionalInterface
    interface ReadinessCheck {

        /**
         * Returns when it is ready.
         *
         * @throws KubeApiException when it is not ready
         */
        void run() throws InterruptedException;
    }

    private static final Logger LOG = LoggerFactory.getLogger(Reachability.class);

    static final Duration CHECK_INTERVAL = Duration.ofSeconds(1);
    private static final int MAX_CONCURRENT_CHECKS = 10;
    /** How often the same outage is logged. */
    private static final Duration LOG_INTERVAL = Duration.ofMinutes(10);

    private static final Duration FLAPPING_LOG_INTERVAL = Duration.ofMinutes(1);

    private final ReadinessCheck check;
    private final Duration interval;
    private final InstantSource clock;
    private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
    private final AtomicInteger running = new AtomicInteger();
    private final ReentrantLock lock = new ReentrantLock();
    private final Loop loop;
    private volatile boolean reachable;
    /** Guarded by the lock, as are the fields below. */
    private String loggedProblem = "";

    private Instant loggedAt = Instant.MIN;
    /** Whether the last log line said that the API server is unreachable. */
    private boolean outageLogged;

    private String lastProblem = "the API server has not been contacted yet";

    Reachability(ReadinessCheck check, Duration interval, InstantSource clock) {
        this.check = Objects.requireNonNull(check, "check");
        this.interval = Objects.requireNonNull(interval, "interval");
        this.clock = Objects.requireNonNull(clock, "clock");
        this.loop = Loop.unstarted("api-server", interval, interval, this::turn);
    }

    void start() {
        loop.begin();
    }

    boolean reachable() {
        return reachable;
    }

    /** Returns why the API server is unreachable, as a sentence. */
    String problem() {
        lock.lock();
        try {
            return lastProblem;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Adds a listener that is called at the beginning and the end of each outage, on any thread; it
     * must not block.
     */
    void addListener(Runnable listener) {
        listeners.add(listener);
    }

    /** Runs the next check now. */
    void checkNow() {
        loop.wake();
    }

    /**
     * Reports that a request got no response. Returns whether this begins an outage, after which
     * the caller calls {@link #checkNow}.
     *
     * <p>During an outage only the checks say what is wrong. Other requests fail because their
     * connections are closed at its beginning.
     */
    boolean markUnreachable(KubeApiException problem) {
        lock.lock();
        try {
            if (!reachable) {
                return false;
            }
            recordProblem(problem);
            reachable = false;
        } finally {
            lock.unlock();
        }
        listeners.forEach(Runnable::run);
        return true;
    }

    private void recordProblem(KubeApiException problem) {
        lock.lock();
        try {
            lastProblem = problem.getMessage();
            Instant now = clock.instant();
            boolean other = !lastProblem.equals(loggedProblem);
            Duration quiet = outageLogged ? LOG_INTERVAL : FLAPPING_LOG_INTERVAL;
            // An API server that comes and goes has a different message each time; log it rarely.
            boolean due = !now.isBefore(loggedAt.plus(quiet));
            if (due || (other && (outageLogged || loggedAt.equals(Instant.MIN)))) {
                LOG.warn("{}; pods keep running without it", lastProblem);
                loggedProblem = lastProblem;
                loggedAt = now;
                outageLogged = true;
            }
        } finally {
            lock.unlock();
        }
    }

    private void markReachable() {
        lock.lock();
        try {
            if (reachable) {
                return;
            }
            reachable = true;
            if (outageLogged || loggedAt.equals(Instant.MIN)) {
                LOG.info("the API server is reachable");
            }
            outageLogged = false;
            lastProblem = "";
        } finally {
            lock.unlock();
        }
        listeners.forEach(Runnable::run);
    }

    private Duration turn() {
        if (reachable) {
            return Duration.ofDays(1);
        }
        if (running.get() < MAX_CONCURRENT_CHECKS) {
            running.incrementAndGet();
            Threads.startVirtual("api-server/check", this::check);
        }
        return interval;
    }

    private void check() {
        try {
            check.run();
            markReachable();
        } catch (KubeApiException e) {
            if (!reachable) {
                recordProblem(e);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            running.decrementAndGet();
        }
    }

    @Override
    public void close() {
        loop.close();
    }
}
