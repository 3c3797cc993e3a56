/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.concurrent;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A signal without data, which a thread waits for.
 *
 * <p>Any number of signals before a wait count as one. Safe for use by many threads.
 */
public final class Wakeup {

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition raisedCondition = lock.newCondition();
    private boolean raised;

    /** Wakes the waiting threads, or lets the next wait return at once. Does not block. */
    public void signal() {
        lock.lock();
        try {
            raised = true;
            raisedCondition.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Whether there is a signal that no wait has taken. */
    public boolean isRaised() {
        lock.lock();
        try {
            return raised;
        } finally {
            lock.unlock();
        }
    }

    /** Waits for a signal and takes it. */
    public void await() throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (!raised) {
                raisedCondition.await();
            }
            raised = false;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Waits for a signal, but no longer than {@code atMost}; takes the signal if there is one.
     *
     * @param atMost zero or less only takes a signal that is already there
     * @return whether there was a signal
     */
    public boolean awaitFor(Duration atMost) throws InterruptedException {
        long nanos = atMost.compareTo(Duration.ofDays(365)) > 0 ? Long.MAX_VALUE : atMost.toNanos();
        return awaitNanos(nanos);
    }

    private boolean awaitNanos(long nanos) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            long left = nanos;
            while (!raised && left > 0) {
                left = raisedCondition.awaitNanos(left);
            }
            boolean taken = raised;
            raised = false;
            return taken;
        } finally {
            lock.unlock();
        }
    }

    /** As {@link #awaitFor(Duration)}, in milliseconds. */
    public boolean awaitMillis(long millis) throws InterruptedException {
        return awaitNanos(TimeUnit.MILLISECONDS.toNanos(millis));
    }
}
