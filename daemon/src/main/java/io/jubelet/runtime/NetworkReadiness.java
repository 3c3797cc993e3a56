/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.runtime;

import io.jubelet.concurrent.Loop;
import io.jubelet.cri.CriException;
import io.jubelet.cri.RuntimeService;
import io.jubelet.cri.StatusResponse.RuntimeCondition;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Knows whether the runtime has a network for pods. It queries the runtime only after a sandbox
 * could not be created, and then every second until there is a network.
 *
 * <p>Safe for use by many threads. The loop that queries runs only while there is no network.
 */
public final class NetworkReadiness {

    private static final Logger LOG = LoggerFactory.getLogger(NetworkReadiness.class);

    private static final Duration PERIOD = Duration.ofSeconds(1);
    private static final Duration MAX_RETRY = Duration.ofSeconds(5);

    private final RuntimeService runtime;
    private final Runnable recovered;
    private final ReentrantLock lock = new ReentrantLock();
    private volatile Optional<String> problem = Optional.empty();
    /** Guarded by the lock. */
    private @Nullable Loop loop;

    /** @param recovered called when there is a network again */
    public NetworkReadiness(RuntimeService runtime, Runnable recovered) {
        this.runtime = Objects.requireNonNull(runtime, "runtime");
        this.recovered = Objects.requireNonNull(recovered, "recovered");
    }

    /**
     * Why pods cannot have a network, as of the last query, in the kubelet's words; empty if they
     * can.
     */
    Optional<String> problem() {
        return problem;
    }

    /**
     * Queries the runtime after a sandbox could not be created; empty if the lack of a network is
     * not the cause.
     */
    Optional<String> sandboxFailed() {
        Optional<String> now;
        try {
            now = query();
        } catch (CriException e) {
            LOG.debug("cannot query the readiness of the network", e);
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
        Optional<String> now = query();
        if (now.isPresent()) {
            problem = now;
            return PERIOD;
        }
        lock.lock();
        try {
            problem = Optional.empty();
            Objects.requireNonNull(loop, "loop").close();
            loop = null;
        } finally {
            lock.unlock();
        }
        LOG.info("the runtime has a network for pods again");
        recovered.run();
        return PERIOD;
    }

    private Optional<String> query() {
        RuntimeCondition condition = runtime.status(false).condition("NetworkReady");
        return condition == null || condition.status()
                ? Optional.empty()
                : Optional.of("network is not ready: container runtime network not ready: NetworkReady=false reason:"
                        + condition.reason() + " message:" + condition.message());
    }
}
