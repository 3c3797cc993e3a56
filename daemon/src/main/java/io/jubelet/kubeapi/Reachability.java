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
 * Whether the API server answers. While it does not, it is asked every second whether it is ready, and nobody else bothers
 * it; when it answers, everybody is told at once.
 *
 * <p>A question that hangs does not hold up the next one: the first to be answered ends the outage. Safe for use by many
 * threads.
 */
final class Reachability implements AutoCloseable {

    /** Asks whether the API server is ready. */
    @FunctionalInterface
    interface ReadinessCheck {

        /**
         * Returns when it is.
         *
         * @throws KubeApiException when it is not
         */
        void run() throws InterruptedException;
    }

    private static final Logger LOG = LoggerFactory.getLogger(Reachability.class);

    static final Duration CHECK_INTERVAL = Duration.ofSeconds(1);
    private static final int MAX_CONCURRENT_CHECKS = 10;
    /** What has been said is not said again for so long, as long as the outage goes on or comes and goes. */
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
    /** Guarded by the lock, as are the others. */
    private String loggedProblem = "";

    private Instant loggedAt = Instant.MIN;
    /** Whether the log says that it does not answer. */
    private boolean outageLogged;

    private String lastProblem = "it has not been asked yet";

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

    /** Why it does not answer, for people. */
    String problem() {
        lock.lock();
        try {
            return lastProblem;
        } finally {
            lock.unlock();
        }
    }

    /** Has somebody told, on any thread, of each end and each beginning of an outage; must not block. */
    void addListener(Runnable listener) {
        listeners.add(listener);
    }

    /** Has the next question asked now. */
    void checkNow() {
        loop.wake();
    }

    /** Says that a request was not answered; returns whether that begins an outage, which has to be {@link #checkNow looked} at. */
    boolean markUnreachable(KubeApiException problem) {
        recordProblem(problem);
        return setReachable(false);
    }

    private void recordProblem(KubeApiException problem) {
        lock.lock();
        try {
            lastProblem = problem.getMessage();
            Instant now = clock.instant();
            boolean other = !lastProblem.equals(loggedProblem);
            Duration quiet = outageLogged ? LOG_INTERVAL : FLAPPING_LOG_INTERVAL;
            // One that comes and goes has other words each time, and a log of its own is not what is wanted.
            boolean due = !now.isBefore(loggedAt.plus(quiet));
            if (due || (other && (outageLogged || loggedAt.equals(Instant.MIN)))) {
                LOG.warn("{}; pods run on without it", lastProblem);
                loggedProblem = lastProblem;
                loggedAt = now;
                outageLogged = true;
            }
        } finally {
            lock.unlock();
        }
    }

    /** Whether that was news. */
    private boolean setReachable(boolean now) {
        lock.lock();
        try {
            if (reachable == now) {
                return false;
            }
            reachable = now;
            if (now) {
                if (outageLogged || loggedAt.equals(Instant.MIN)) {
                    LOG.info("the API server answers");
                }
                outageLogged = false;
                lastProblem = "";
            }
        } finally {
            lock.unlock();
        }
        listeners.forEach(Runnable::run);
        return true;
    }

    private Duration turn() {
        if (reachable) {
            return Duration.ofDays(1);
        }
        if (running.get() < MAX_CONCURRENT_CHECKS) {
            running.incrementAndGet();
            Threads.startVirtual("api-server/question", this::check);
        }
        return interval;
    }

    private void check() {
        try {
            check.run();
            setReachable(true);
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
