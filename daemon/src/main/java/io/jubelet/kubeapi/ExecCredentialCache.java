package io.jubelet.kubeapi;

import io.jubelet.concurrent.Backoff;
import io.jubelet.concurrent.Threads;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * What a plugin gave, for as long as it counts. However many ask, the plugin runs once, on a thread of its own and outside of
 * any lock; who needs it waits. Safe for use by many threads.
 */
final class ExecCredentialCache {

    /** How long a failure counts. */
    private static final Backoff BACKOFF = new Backoff(Duration.ofSeconds(1), Duration.ofSeconds(30));

    /** An API server that refuses what a plugin gives does not make it run without end. */
    private static final Duration BETWEEN_REFUSALS = Duration.ofSeconds(10);

    /** Asks the plugin, which blocks. */
    @FunctionalInterface
    interface Question {

        /** @throws KubeApiException.NoCredentials when it gives none */
        ExecCredential ask() throws InterruptedException;
    }

    private final Question question;
    private final InstantSource clock;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition answered = lock.newCondition();
    /** Guarded by the lock, as are the others. */
    private Optional<ExecCredential> known = Optional.empty();

    private Thread running;
    private boolean abandoned;
    private KubeApiException.NoCredentials problem;
    private int failures;
    private Instant ended = Instant.MIN;

    ExecCredentialCache(Question question, InstantSource clock) {
        this.question = Objects.requireNonNull(question, "question");
        this.clock = Objects.requireNonNull(clock, "clock");
    }

    /**
     * What counts now. Waits for the plugin only when nothing does.
     *
     * @return empty when the plugin has not ended within {@code atMost}, or nobody needs it any more
     * @throws KubeApiException.NoCredentials when the plugin gave none, now or a moment ago
     */
    Optional<ExecCredential> current(Duration atMost) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            if (abandoned) {
                return Optional.empty();
            }
            Instant now = clock.instant();
            if (known.isPresent() && !known.get().expired(now)) {
                return known;
            }
            if (running == null && problem != null && now.isBefore(ended.plus(BACKOFF.delay(failures)))) {
                throw problem;
            }
            if (running == null) {
                running = Threads.startVirtual("api-server/plugin", this::run);
            }
            long left = atMost.toNanos();
            while (running != null && !abandoned) {
                if (left <= 0) {
                    return Optional.empty();
                }
                left = answered.awaitNanos(left);
            }
            if (problem != null && !abandoned) {
                throw problem;
            }
            return known;
        } finally {
            lock.unlock();
        }
    }

    private void run() {
        try {
            end(question.ask(), null);
        } catch (KubeApiException.NoCredentials e) {
            end(null, e);
        } catch (InterruptedException e) {
            end(null, new KubeApiException.NoCredentials("the credential plugin was interrupted", e));
        } catch (RuntimeException e) {
            end(null, new KubeApiException.NoCredentials("the credential plugin's answer cannot be used: " + e, e));
        }
    }

    private void end(ExecCredential credential, KubeApiException.NoCredentials failure) {
        lock.lock();
        try {
            known = Optional.ofNullable(credential);
            problem = failure;
            failures = failure == null ? 0 : failures + 1;
            ended = clock.instant();
            running = null;
            answered.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Says that another plugin has taken its place: if it runs, it is ended. */
    void abandon() {
        lock.lock();
        try {
            abandoned = true;
            if (running != null) {
                running.interrupt();
            }
            answered.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Says that the API server did not accept it: the plugin is asked anew, unless it was a moment ago. */
    void refused() {
        lock.lock();
        try {
            if (clock.instant().isAfter(ended.plus(BETWEEN_REFUSALS))) {
                known = Optional.empty();
            }
        } finally {
            lock.unlock();
        }
    }
}
