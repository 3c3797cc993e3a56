/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cri.simulated;

import io.jubelet.cri.CriException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Injects faults into the next calls. Each call of an operation uses one fault, in the order in
 * which they were added. Operations have their CRI names, such as {@code RunPodSandbox}.
 * Thread-safe.
 */
public final class FaultInjector {
    sealed interface Fault {
        record Before(Function<String, ? extends RuntimeException> error) implements Fault {}

        record After(Function<String, ? extends RuntimeException> error) implements Fault {}

        record Hang(CountDownLatch released) implements Fault {}
    }

    /** Releases a hanging call. */
    @FunctionalInterface
    public interface Release {
        /** Lets the call continue, or prevents it from hanging if it has not started. */
        void release();
    }

    private final Map<String, Deque<Fault>> faults = new HashMap<>();

    FaultInjector() {}

    /**
     * Makes the next call of an operation throw without an effect; the function receives the name
     * of the operation.
     */
    public void failBefore(String operation, Function<String, ? extends RuntimeException> error) {
        add(operation, new Fault.Before(error));
    }

    /** Makes the next call of an operation throw after its effect. */
    public void failAfter(String operation, Function<String, ? extends RuntimeException> error) {
        add(operation, new Fault.After(error));
    }

    /** Makes the next call of an operation lose its response after its effect. */
    public void loseResponse(String operation) {
        failAfter(operation, name -> new CriException.Unavailable(name, "the connection broke"));
    }

    /**
     * Makes the next call of an operation hang before its effect, until it is released or
     * interrupted.
     */
    public Release hang(String operation) {
        CountDownLatch released = new CountDownLatch(1);
        add(operation, new Fault.Hang(released));
        return released::countDown;
    }

    /** Removes all faults; hanging calls continue to hang. */
    public synchronized void clear() {
        faults.clear();
    }

    private synchronized void add(String operation, Fault fault) {
        faults.computeIfAbsent(operation, _ -> new ArrayDeque<>()).add(fault);
    }

    /** Removes and returns the fault of a call, or null if it has none. */
    synchronized @Nullable Fault take(String operation) {
        Deque<Fault> queue = faults.get(operation);
        return queue == null ? null : queue.poll();
    }
}
