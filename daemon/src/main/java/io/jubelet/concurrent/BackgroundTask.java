/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.concurrent;

import java.time.Duration;

/** Work that runs on a thread of its own. */
public interface BackgroundTask {

    /** Starts background tasks. */
    @FunctionalInterface
    interface Starter {

        /**
         * Starts work on a thread of its own.
         *
         * @param name name of the thread
         */
        BackgroundTask start(String name, Runnable work);
    }

    /**
     * Waits for the end of the task, but no longer than {@code atMost}.
     *
     * @return whether it has ended; if so, the caller sees everything that it wrote
     */
    boolean awaitEnd(Duration atMost) throws InterruptedException;

    /** Waits for the end of the task without a time limit. */
    default void awaitEnd() throws InterruptedException {
        boolean ended = false;
        while (!ended) {
            ended = awaitEnd(Duration.ofDays(1));
        }
    }

    /** Interrupts the task. Any thread. */
    void interrupt();
}
