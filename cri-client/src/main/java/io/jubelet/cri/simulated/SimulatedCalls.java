/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cri.simulated;

import io.jubelet.cri.CriException;
import io.jubelet.cri.simulated.SimulatedCall.Phase;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** The common part of all calls: the hook, faults, latency and whether the runtime is down. */
final class SimulatedCalls {
    private static final String EVERY = "*";

    final FaultInjector faults = new FaultInjector();
    final SimulatedClock clock;
    private final Map<String, Duration> latencies = new ConcurrentHashMap<>();
    private final Set<CountDownLatch> waiting = ConcurrentHashMap.newKeySet();
    private volatile Consumer<SimulatedCall> hook = _ -> {};
    private volatile boolean down;

    SimulatedCalls(SimulatedClock clock) {
        this.clock = clock;
    }

    void hook(Consumer<SimulatedCall> consumer) {
        hook = consumer;
    }

    void latency(Duration duration) {
        latencies.put(EVERY, duration);
    }

    void latency(String operation, Duration duration) {
        latencies.put(operation, duration);
    }

    /** Sets whether the runtime is down. Waiting calls then fail without an effect. */
    void down(boolean isDown) {
        down = isDown;
        if (isDown) {
            waiting.forEach(CountDownLatch::countDown);
        }
    }

    void run(String operation, Object subject, Runnable effect) {
        call(operation, subject, () -> {
            effect.run();
            return null;
        });
    }

    <T> T call(String operation, Object subject, Supplier<T> effect) {
        String subjectName = subject.toString();
        if (Thread.currentThread().isInterrupted()) {
            throw new CriException.Cancelled(operation, "the thread was interrupted before the call");
        }
        hook.accept(new SimulatedCall(operation, subjectName, Phase.START));
        requireUp(operation);
        FaultInjector.Fault fault = faults.take(operation);
        if (fault instanceof FaultInjector.Fault.Before(var error)) {
            throw error.apply(operation);
        }
        if (fault instanceof FaultInjector.Fault.Hang(var released)) {
            await(operation, subjectName, released);
        }
        Duration latency = latencies.getOrDefault(operation, latencies.getOrDefault(EVERY, Duration.ZERO));
        if (latency.isPositive()) {
            await(operation, subjectName, latency, new CountDownLatch(1));
        }
        requireUp(operation);
        T answer = effect.get();
        hook.accept(new SimulatedCall(operation, subjectName, Phase.END));
        if (fault instanceof FaultInjector.Fault.After(var error)) {
            throw error.apply(operation);
        }
        return answer;
    }

    /** Waits for the latch for at most the given duration of simulated time. */
    void await(String operation, String subject, Duration maxWait, CountDownLatch latch) {
        clock.schedule(clock.instant().plus(maxWait), latch::countDown);
        await(operation, subject, latch);
    }

    private void await(String operation, String subject, CountDownLatch latch) {
        waiting.add(latch);
        try {
            hook.accept(new SimulatedCall(operation, subject, Phase.BLOCKED));
            requireUp(operation);
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CriException.Cancelled(operation, "interrupted while waiting for the runtime", e);
        } finally {
            waiting.remove(latch);
        }
        requireUp(operation);
    }

    private void requireUp(String operation) {
        if (down) {
            throw new CriException.Unavailable(operation, "the simulated runtime is down");
        }
    }
}
