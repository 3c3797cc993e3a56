/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.kubeapi;

import io.jubelet.concurrent.Backoff;
import io.jubelet.concurrent.Loop;
import io.jubelet.concurrent.Threads;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tracks whether the API server is reachable. During an outage one readiness check runs every
 * second, and all other requests fail at once; listeners are called when the outage ends.
 *
 * <p>An outage that begins soon after the one before is a relapse: its first check comes after a
 * pause that doubles with each relapse, because the check alone cannot tell when the API server is
 * well again. Otherwise an API server that is ready but answers requests with junk would receive
 * as many requests as it can answer.
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
    /** An outage that begins sooner after the end of the one before is a relapse. */
    static final Duration STABLE_TIME = Duration.ofMinutes(1);

    /**
     * The pauses before the first check of a relapse, if the API server sent something that no API
     * server sends. A person has to repair that.
     */
    static final Backoff BAD_RESPONSE_PAUSE = new Backoff(Duration.ofSeconds(1), Duration.ofMinutes(1));

    /**
     * The pauses before the first check of another relapse. They are shorter, because an API server
     * that restarts can lose several connections.
     */
    static final Backoff LOST_CONNECTION_PAUSE = new Backoff(Duration.ofSeconds(1), Duration.ofSeconds(4));

    /** The largest part of a pause by which it is shorter at random, so that nodes spread. */
    private static final double JITTER = 0.2;

    /** How often the same problem is logged. */
    private static final Duration LOG_INTERVAL = Duration.ofMinutes(10);

    /** How often problems are logged that differ. */
    private static final Duration OTHER_LOG_INTERVAL = Duration.ofSeconds(10);

    /** How often problems are logged that differ, while each outage is a relapse. */
    private static final Duration RELAPSE_LOG_INTERVAL = Duration.ofMinutes(1);

    private final ReadinessCheck check;
    private final Duration interval;
    private final InstantSource steady;
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
    /** Counts the outages, so that a check of one does not end the next. */
    private long outage;

    private int relapses;
    private Instant reachableSince = Instant.MIN;
    private Instant pausedUntil = Instant.MIN;

    /** @param steady a clock that is never set */
    Reachability(ReadinessCheck check, Duration interval, InstantSource steady) {
        this.check = Objects.requireNonNull(check, "check");
        this.interval = Objects.requireNonNull(interval, "interval");
        this.steady = Objects.requireNonNull(steady, "steady");
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

    /** Runs the next check now, or when the pause of a relapse is over. */
    void check() {
        loop.wake();
    }

    /** Runs the next check now even in a pause, because what the outage depends on has changed. */
    void checkNow() {
        lock.lock();
        try {
            pausedUntil = Instant.MIN;
        } finally {
            lock.unlock();
        }
        loop.wake();
    }

    /**
     * Reports that a request got no usable response. Returns whether this begins an outage, after
     * which the caller calls {@link #check}.
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
            Instant now = steady.instant();
            relapses = now.isBefore(reachableSince.plus(STABLE_TIME)) ? relapses + 1 : 0;
            pausedUntil = relapses == 0 ? Instant.MIN : now.plus(pause(problem));
            recordProblem(problem);
            reachable = false;
            outage++;
        } finally {
            lock.unlock();
        }
        listeners.forEach(Runnable::run);
        return true;
    }

    private Duration pause(KubeApiException problem) {
        boolean bad = problem instanceof KubeApiException.Unreachable unreachable && unreachable.isBadResponse();
        long millis = (bad ? BAD_RESPONSE_PAUSE : LOST_CONNECTION_PAUSE)
                .delay(relapses)
                .toMillis();
        return Duration.ofMillis(
                millis - (long) (JITTER * millis * ThreadLocalRandom.current().nextDouble()));
    }

    private void recordProblem(KubeApiException problem) {
        lock.lock();
        try {
            lastProblem = problem.getMessage();
            Instant now = steady.instant();
            boolean other = !lastProblem.equals(loggedProblem);
            Duration quiet = !other ? LOG_INTERVAL : relapses > 0 ? RELAPSE_LOG_INTERVAL : OTHER_LOG_INTERVAL;
            if (!now.isBefore(loggedAt.plus(quiet))) {
                LOG.warn(
                        "{}; pods keep running without it{}",
                        lastProblem,
                        relapses > 1 ? "; this happens again and again, so it is asked after growing pauses" : "");
                loggedProblem = lastProblem;
                loggedAt = now;
                outageLogged = true;
            }
        } finally {
            lock.unlock();
        }
    }

    private void markReachable(long ended) {
        lock.lock();
        try {
            if (reachable || ended != outage) {
                return;
            }
            reachable = true;
            reachableSince = steady.instant();
            if (relapses == 0) {
                logReachable();
            }
            lastProblem = "";
        } finally {
            lock.unlock();
        }
        loop.wake();
        listeners.forEach(Runnable::run);
    }

    private void logReachable() {
        if (outageLogged || loggedAt.equals(Instant.MIN)) {
            LOG.info("the API server is reachable");
        }
        outageLogged = false;
        loggedProblem = "";
    }

    private Duration turn() {
        Duration wait = untilNextCheck();
        if (wait.isPositive()) {
            return wait;
        }
        if (running.get() < MAX_CONCURRENT_CHECKS) {
            running.incrementAndGet();
            long current = currentOutage();
            Threads.startVirtual("api-server/check", () -> check(current));
        }
        return interval;
    }

    /** Returns zero if a check is due, and otherwise when to look again. */
    Duration untilNextCheck() {
        lock.lock();
        try {
            Instant now = steady.instant();
            if (!reachable) {
                return now.isBefore(pausedUntil) ? Duration.between(now, pausedUntil) : Duration.ZERO;
            }
            Instant stable = reachableSince.plus(STABLE_TIME);
            if (relapses > 0 && now.isBefore(stable)) {
                return Duration.between(now, stable);
            }
            if (relapses > 0) {
                relapses = 0;
                logReachable();
            }
            return Duration.ofDays(1);
        } finally {
            lock.unlock();
        }
    }

    private long currentOutage() {
        lock.lock();
        try {
            return outage;
        } finally {
            lock.unlock();
        }
    }

    private void check(long current) {
        try {
            check.run();
            markReachable(current);
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
