/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.concurrent;

import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Lets one thread cancel work that another thread performs. Cancelling interrupts only the task that the working thread
 * {@linkplain #awaitEnd waits for} at that time, so the worker decides what can be abandoned.
 *
 * <p>Safe for use by many threads, one of which performs the work.
 */
public final class CancellationToken {

    private final ReentrantLock lock = new ReentrantLock();
    private @Nullable BackgroundTask awaited;
    private boolean cancelled;

    /** Cancels the work; has no effect if it was cancelled before. Any thread; does not block. */
    public void cancel() {
        lock.lock();
        try {
            cancelled = true;
            if (awaited != null) {
                awaited.interrupt();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Whether the work was cancelled. */
    public boolean cancelled() {
        lock.lock();
        try {
            return cancelled;
        } finally {
            lock.unlock();
        }
    }

    /** Waits for the end of a task, and interrupts it if the work is or was cancelled. */
    public void awaitEnd(BackgroundTask task) throws InterruptedException {
        waitFor(task);
        try {
            task.awaitEnd();
        } finally {
            waitFor(null);
        }
    }

    private void waitFor(@Nullable BackgroundTask task) {
        lock.lock();
        try {
            awaited = task;
            if (cancelled && task != null) {
                task.interrupt();
            }
        } finally {
            lock.unlock();
        }
    }
}
