/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.bench;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Runs tasks, a given number of them at a time. */
final class Parallel {
    private Parallel() {}

    /** Returns when all tasks have ended; throws a {@link BenchException} if one of them failed. */
    static void run(int degree, Collection<Runnable> tasks) throws InterruptedException {
        try (ExecutorService executor = Executors.newFixedThreadPool(degree)) {
            List<Future<?>> futures = new ArrayList<>();
            for (Runnable task : tasks) {
                futures.add(executor.submit(task));
            }
            for (Future<?> future : futures) {
                future.get();
            }
        } catch (ExecutionException failed) {
            throw new BenchException(String.valueOf(failed.getCause().getMessage()));
        }
    }
}
