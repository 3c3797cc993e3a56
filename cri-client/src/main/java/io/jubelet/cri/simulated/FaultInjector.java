package io.jubelet.cri.simulated;

import io.jubelet.cri.CriException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.function.Function;

/**
 * What shall go wrong in the next calls. Faults of one operation are used up one per call, in the order they were given.
 * Operations have their CRI names, such as {@code RunPodSandbox}. May be used by any thread.
 */
public final class FaultInjector {
    sealed interface Fault {
        record Before(Function<String, ? extends RuntimeException> error) implements Fault {}

        record After(Function<String, ? extends RuntimeException> error) implements Fault {}

        record Hang(CountDownLatch released) implements Fault {}
    }

    /** Lets hanging calls go on. */
    @FunctionalInterface
    public interface Release {
        /** Lets the call go on, or not hang at all if it was not made yet. */
        void release();
    }

    private final Map<String, Deque<Fault>> faults = new HashMap<>();

    FaultInjector() {}

    /** The next call of this operation has no effect and throws; the function gets the name of the operation. */
    public void failBefore(String operation, Function<String, ? extends RuntimeException> error) {
        add(operation, new Fault.Before(error));
    }

    /** The next call of this operation has its effect and then throws. */
    public void failAfter(String operation, Function<String, ? extends RuntimeException> error) {
        add(operation, new Fault.After(error));
    }

    /** The next call of this operation has its effect, but its answer is lost. */
    public void loseResponse(String operation) {
        failAfter(operation, name -> new CriException.Unavailable(name, "the connection broke"));
    }

    /** The next call of this operation hangs before its effect, until released or interrupted. */
    public Release hang(String operation) {
        CountDownLatch released = new CountDownLatch(1);
        add(operation, new Fault.Hang(released));
        return released::countDown;
    }

    /** Nothing shall go wrong any more; calls that hang go on hanging. */
    public synchronized void clear() {
        faults.clear();
    }

    private synchronized void add(String operation, Fault fault) {
        faults.computeIfAbsent(operation, _ -> new ArrayDeque<>()).add(fault);
    }

    /** The fault of this call; null when nothing shall go wrong. */
    synchronized Fault take(String operation) {
        Deque<Fault> queue = faults.get(operation);
        return queue == null ? null : queue.poll();
    }
}
