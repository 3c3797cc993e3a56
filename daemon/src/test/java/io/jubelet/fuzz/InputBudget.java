/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.fuzz;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.concurrent.Callable;

/** How much time and memory one input may cost. */
public final class InputBudget {

    /**
     * The CPU time of one input, in nanoseconds. Inputs of a fuzzer have some kilobytes and take
     * milliseconds; interpreted and instrumented code on a busy machine takes longer.
     */
    private static final long MAX_CPU = 3_000_000_000L;

    /**
     * What one input may make the thread allocate, in bytes, most of which is garbage at once. The
     * default heap of the daemon has as much.
     */
    private static final long MAX_ALLOCATED = 64L << 20;

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private InputBudget() {}

    /**
     * Runs code on this thread. It runs again when it takes more than an input may cost, because
     * the first run also loads and instruments classes.
     *
     * @throws AssertionError when it takes more than an input may cost
     */
    public static <T> T within(Callable<T> code) throws Exception {
        Cost<T> cost = measure(code);
        if (cost.nanos > MAX_CPU || cost.bytes > MAX_ALLOCATED) {
            cost = measure(code);
        }
        if (cost.nanos > MAX_CPU) {
            throw new AssertionError("one input took " + cost.nanos / 1_000_000 + " ms of a processor");
        }
        if (cost.bytes > MAX_ALLOCATED) {
            throw new AssertionError("one input allocated " + cost.bytes + " bytes");
        }
        return cost.result;
    }

    private record Cost<T>(T result, long nanos, long bytes) {}

    private static <T> Cost<T> measure(Callable<T> code) throws Exception {
        long cpu = THREADS.getCurrentThreadCpuTime();
        long allocated = THREADS.getCurrentThreadAllocatedBytes();
        T result = code.call();
        long bytes = THREADS.getCurrentThreadAllocatedBytes() - allocated;
        return new Cost<>(result, THREADS.getCurrentThreadCpuTime() - cpu, bytes);
    }
}
