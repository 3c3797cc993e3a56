package io.jubelet.kubeapi;

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
final class PluginCredentials {

    /** How long a failure counts, doubling up to a maximum. */
    private static final Duration FIRST_RETRY = Duration.ofSeconds(1);

    private static final Duration MAX_RETRY = Duration.ofSeconds(30);
    /** An API server that refuses what a plugin gives does not make it run without end. */
    private static final Duration BETWEEN_REFUSALS = Duration.ofSeconds(10);

    /** Asks the plugin, which blocks. */
    @FunctionalInterface
    interface Question {

        /** @throws KubeApiException.NoCredentials when it gives none */
        ClientCredential ask() throws InterruptedException;
    }

    private final Question question;
    private final InstantSource clock;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition answered = lock.newCondition();
    /** Guarded by the lock, as are the others. */
    private Optional<ClientCredential> known = Optional.empty();

    private boolean running;
    private KubeApiException.NoCredentials problem;
    private int failures;
    private Instant ended = Instant.MIN;

    PluginCredentials(Question question, InstantSource clock) {
        this.question = Objects.requireNonNull(question, "question");
        this.clock = Objects.requireNonNull(clock, "clock");
    }

    /**
     * What counts now. Waits for the plugin only when nothing does.
     *
     * @throws KubeApiException.NoCredentials when the plugin gave none, now or a moment ago
     */
    ClientCredential current() throws InterruptedException {
        lock.lockInterruptibly();
        try {
            Instant now = clock.instant();
            if (known.isPresent() && !known.get().expired(now)) {
                return known.get();
            }
            if (!running && problem != null && now.isBefore(ended.plus(pause()))) {
                throw problem;
            }
            if (!running) {
                running = true;
                Threads.startVirtual("api-server/plugin", this::run);
            }
            while (running) {
                answered.await();
            }
            if (problem != null) {
                throw problem;
            }
            return known.orElseThrow();
        } finally {
            lock.unlock();
        }
    }

    private Duration pause() {
        Duration pause = FIRST_RETRY.multipliedBy(1L << Math.min(failures - 1, 10));
        return pause.compareTo(MAX_RETRY) < 0 ? pause : MAX_RETRY;
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

    private void end(ClientCredential credential, KubeApiException.NoCredentials failure) {
        lock.lock();
        try {
            known = Optional.ofNullable(credential);
            problem = failure;
            failures = failure == null ? 0 : failures + 1;
            ended = clock.instant();
            running = false;
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
