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
    private static final Duration MIN_RERUN_INTERVAL = Duration.ofSeconds(10);

    /** Asks the plugin, which blocks. */
    @FunctionalInterface
    interface Plugin {

        /** @throws KubeApiException.NoCredentials when it gives none */
        ExecCredential run() throws InterruptedException;
    }

    private final Plugin plugin;
    private final InstantSource clock;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition finished = lock.newCondition();
    /** Guarded by the lock, as are the others. */
    private Optional<ExecCredential> credential = Optional.empty();

    private Thread running;
    private boolean cancelled;
    private KubeApiException.NoCredentials problem;
    private int failures;
    private Instant finishedAt = Instant.MIN;

    ExecCredentialCache(Plugin plugin, InstantSource clock) {
        this.plugin = Objects.requireNonNull(plugin, "plugin");
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
            if (cancelled) {
                return Optional.empty();
            }
            Instant now = clock.instant();
            if (credential.isPresent() && !credential.get().expired(now)) {
                return credential;
            }
            if (running == null && problem != null && now.isBefore(finishedAt.plus(BACKOFF.delay(failures)))) {
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
            finish(null, new KubeApiException.NoCredentials("the credential plugin's answer cannot be used: " + e, e));
        }
    }

    private void finish(ExecCredential given, KubeApiException.NoCredentials failure) {
        lock.lock();
        try {
            credential = Optional.ofNullable(given);
            problem = failure;
            failures = failure == null ? 0 : failures + 1;
            finishedAt = clock.instant();
            running = null;
            finished.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Says that another plugin has taken its place: if it runs, it is ended. */
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

    /** Says that the API server did not accept it: the plugin is asked anew, unless it was a moment ago. */
    void unauthorized() {
        lock.lock();
        try {
            if (clock.instant().isAfter(finishedAt.plus(MIN_RERUN_INTERVAL))) {
                credential = Optional.empty();
            }
        } finally {
            lock.unlock();
        }
    }
}
