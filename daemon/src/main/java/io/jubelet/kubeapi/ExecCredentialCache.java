/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.kubeapi;

import io.jubelet.concurrent.Backoff;
import io.jubelet.concurrent.NodeClock;
import io.jubelet.concurrent.Threads;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Caches the credential of an exec credential plugin while it is valid. Concurrent callers share
 * one run of the plugin, which has a thread of its own and runs outside of any lock. Safe for use
 * by many threads.
 */
final class ExecCredentialCache {

    /** How long a failure counts. */
    private static final Backoff BACKOFF = new Backoff(Duration.ofSeconds(1), Duration.ofSeconds(30));

    /** Limits how often the plugin runs if the API server rejects its credentials. */
    private static final Duration MIN_RERUN_INTERVAL = Duration.ofSeconds(10);

    /** Runs the plugin, which blocks. */
    @FunctionalInterface
    interface Plugin {

        /** @throws KubeApiException.NoCredentials when it returns no credential */
        ExecCredential run() throws InterruptedException;
    }

    private final Plugin plugin;
    private final NodeClock clock;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition finished = lock.newCondition();
    /** Guarded by the lock, as are the others. */
    private Optional<ExecCredential> credential = Optional.empty();

    private @Nullable Thread running;
    private boolean cancelled;
    private KubeApiException.@Nullable NoCredentials problem;
    private int failures;
    private Instant finishedAt = Instant.MIN;

    ExecCredentialCache(Plugin plugin, NodeClock clock) {
        this.plugin = Objects.requireNonNull(plugin, "plugin");
        this.clock = Objects.requireNonNull(clock, "clock");
    }

    /**
     * Returns the current credential. Waits for the plugin only if there is none.
     *
     * @return the credential; empty when the plugin did not end within {@code atMost}, or when this
     *     was cancelled
     * @throws KubeApiException.NoCredentials when the plugin failed, now or shortly before
     */
    Optional<ExecCredential> current(Duration atMost) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            if (cancelled) {
                return Optional.empty();
            }
            Instant now = clock.instant();
            if (credential.isPresent() && !credential.get().expired(now)) {
                return credential;
            }
            if (running == null
                    && problem != null
                    && clock.steady().isBefore(finishedAt.plus(BACKOFF.delay(failures)))) {
                throw problem;
            }
            if (running == null) {
                running = Threads.startVirtual("api-server/plugin", this::run);
            }
            long left = atMost.toNanos();
            while (running != null && !cancelled) {
                if (left <= 0) {
                    return Optional.empty();
                }
                left = finished.awaitNanos(left);
            }
            if (problem != null && !cancelled) {
                throw problem;
            }
            return credential;
        } finally {
            lock.unlock();
        }
    }

    private void run() {
        try {
            finish(plugin.run(), null);
        } catch (KubeApiException.NoCredentials e) {
            finish(null, e);
        } catch (InterruptedException e) {
            finish(null, new KubeApiException.NoCredentials("the credential plugin was interrupted", e));
        } catch (RuntimeException e) {
            finish(null, new KubeApiException.NoCredentials("cannot use the credential plugin's response: " + e, e));
        }
    }

    private void finish(@Nullable ExecCredential given, KubeApiException.@Nullable NoCredentials failure) {
        lock.lock();
        try {
            credential = Optional.ofNullable(given);
            problem = failure;
            failures = failure == null ? 0 : failures + 1;
            finishedAt = clock.steady();
            running = null;
            finished.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Cancels a running plugin, because another one has replaced it. */
    void cancel() {
        lock.lock();
        try {
            cancelled = true;
            if (running != null) {
                running.interrupt();
            }
            finished.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Reports that the API server answered 401: the plugin runs again, unless it ran shortly
     * before.
     */
    void unauthorized() {
        lock.lock();
        try {
            if (clock.steady().isAfter(finishedAt.plus(MIN_RERUN_INTERVAL))) {
                credential = Optional.empty();
            }
        } finally {
            lock.unlock();
        }
    }
}
