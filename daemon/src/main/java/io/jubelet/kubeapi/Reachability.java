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
    interface Question {

        /**
         * Returns when it is.
         *
         * @throws KubeApiException when it is not
         */
        void ask() throws InterruptedException;
    }

    private static final Logger LOG = LoggerFactory.getLogger(Reachability.class);

    static final Duration PACE = Duration.ofSeconds(1);
    private static final int MOST_QUESTIONS = 10;
    /** What has been said is not said again for so long, as long as the outage goes on or comes and goes. */
    private static final Duration TOLD_EVERY = Duration.ofMinutes(10);

    private static final Duration FLAPPING = Duration.ofMinutes(1);

    private final Question question;
    private final Duration pace;
    private final InstantSource clock;
    private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
    private final AtomicInteger open = new AtomicInteger();
    private final ReentrantLock lock = new ReentrantLock();
    private final Loop asking;
    private volatile boolean reachable;
    /** Guarded by the lock, as are the others. */
    private String told = "";

    private Instant toldAt = Instant.MIN;
    /** Whether the log says that it does not answer. */
    private boolean outageTold;

    private String lastProblem = "it has not been asked yet";

    Reachability(Question question, Duration pace, InstantSource clock) {
        this.question = Objects.requireNonNull(question, "question");
        this.pace = Objects.requireNonNull(pace, "pace");
        this.clock = Objects.requireNonNull(clock, "clock");
        this.asking = Loop.unstarted("api-server", pace, pace, this::turn);
    }

    void start() {
        asking.begin();
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
    void tell(Runnable listener) {
        listeners.add(listener);
    }

    /** Has the next question asked now. */
    void look() {
        asking.wake();
    }

    /** Says that a request was not answered; returns whether that begins an outage, which has to be {@link #look looked} at. */
    boolean lost(KubeApiException problem) {
        note(problem);
        return set(false);
    }

    private void note(KubeApiException problem) {
        lock.lock();
        try {
            lastProblem = problem.getMessage();
            Instant now = clock.instant();
            boolean other = !lastProblem.equals(told);
            Duration quiet = outageTold ? TOLD_EVERY : FLAPPING;
            // One that comes and goes has other words each time, and a log of its own is not what is wanted.
            boolean due = !now.isBefore(toldAt.plus(quiet));
            if (due || (other && (outageTold || toldAt.equals(Instant.MIN)))) {
                LOG.warn("{}; pods run on without it", lastProblem);
                told = lastProblem;
                toldAt = now;
                outageTold = true;
            }
        } finally {
            lock.unlock();
        }
    }

    /** Whether that was news. */
    private boolean set(boolean now) {
        lock.lock();
        try {
            if (reachable == now) {
                return false;
            }
            reachable = now;
            if (now) {
                if (outageTold || toldAt.equals(Instant.MIN)) {
                    LOG.info("the API server answers");
                }
                outageTold = false;
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
        if (open.get() < MOST_QUESTIONS) {
            open.incrementAndGet();
            Threads.startVirtual("api-server/question", this::ask);
        }
        return pace;
    }

    private void ask() {
        try {
            question.ask();
            set(true);
        } catch (KubeApiException e) {
            if (!reachable) {
                note(e);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            open.decrementAndGet();
        }
    }

    @Override
    public void close() {
        asking.close();
    }
}
