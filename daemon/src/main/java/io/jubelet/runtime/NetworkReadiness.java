package io.jubelet.runtime;

import io.jubelet.concurrent.Loop;
import io.jubelet.cri.CriException;
import io.jubelet.cri.RuntimeService;
import io.jubelet.cri.StatusResponse.RuntimeCondition;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether the runtime has a network for pods. It is not asked for as long as sandboxes can be made: when one could not, it
 * is, and from then on each second until there is a network.
 *
 * <p>Safe for use by many threads. The loop that asks lives only while there is none.
 */
public final class NetworkReadiness {

    private static final Logger LOG = LoggerFactory.getLogger(NetworkReadiness.class);

    private static final Duration PERIOD = Duration.ofSeconds(1);
    private static final Duration MAX_RETRY = Duration.ofSeconds(5);

    private final RuntimeService runtime;
    private final Runnable back;
    private final ReentrantLock lock = new ReentrantLock();
    private volatile Optional<String> problem = Optional.empty();
    /** Guarded by the lock. */
    private Loop loop;

    /**
     * @param runtime is asked
     * @param back told when there is a network again
     */
    public NetworkReadiness(RuntimeService runtime, Runnable back) {
        this.runtime = Objects.requireNonNull(runtime, "runtime");
        this.back = Objects.requireNonNull(back, "back");
    }

    /** What is known without asking; the kubelet's text. */
    Optional<String> problem() {
        return problem;
    }

    /** Asks, as a sandbox could not be made; empty when that was not for want of a network. */
    Optional<String> sandboxFailed() {
        Optional<String> now;
        try {
            now = ask();
        } catch (CriException e) {
            LOG.debug("whether there is a network is not known", e);
            return Optional.empty();
        }
        if (now.isPresent()) {
            lock.lock();
            try {
                problem = now;
                if (loop == null) {
                    loop = Loop.start("network", PERIOD, MAX_RETRY, this::turn);
                }
            } finally {
                lock.unlock();
            }
        }
        return now;
    }

    private Duration turn() {
        Optional<String> now = ask();
        if (now.isPresent()) {
            problem = now;
            return PERIOD;
        }
        lock.lock();
        try {
            problem = Optional.empty();
            loop.close();
            loop = null;
        } finally {
            lock.unlock();
        }
        LOG.info("the runtime has a network for pods again");
        back.run();
        return PERIOD;
    }

    private Optional<String> ask() {
        RuntimeCondition condition = runtime.status(false).condition("NetworkReady");
        return condition == null || condition.status()
                ? Optional.empty()
                : Optional.of("network is not ready: container runtime network not ready: NetworkReady=false reason:"
                        + condition.reason() + " message:" + condition.message());
    }
}
