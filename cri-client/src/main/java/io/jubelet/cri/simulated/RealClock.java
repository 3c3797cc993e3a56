/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cri.simulated;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * The system clock, with one daemon thread, {@code cri-simulated-time}, that runs the scheduled
 * tasks.
 */
final class RealClock implements SimulatedClock {
    private final InstantSource clock = InstantSource.system();
    private final ScheduledThreadPoolExecutor executor = new ScheduledThreadPoolExecutor(
            1, task -> Thread.ofPlatform().name("cri-simulated-time").daemon().unstarted(task));

    RealClock() {
        // The thread ends when no task is scheduled, so that a simulation does not have to be
        // closed.
        executor.setKeepAliveTime(1, TimeUnit.SECONDS);
        executor.allowCoreThreadTimeOut(true);
    }

    @Override
    public Instant instant() {
        return clock.instant();
    }

    @Override
    public void schedule(Instant at, Runnable task) {
        executor.schedule(task, Duration.between(clock.instant(), at).toNanos(), TimeUnit.NANOSECONDS);
    }
}
