/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.runtime;

import io.jubelet.cri.CriException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * Limits how many calls that keep the runtime busy (creating sandboxes, creating and starting
 * containers) run at once, because beyond some number they only slow each other down. Pods whose
 * start has begun are finished before new ones are started, so that of many pods the first ones run
 * early.
 *
 * <p>Safe for use by many threads.
 */
public final class StartLimiter {

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition slotForStarted = lock.newCondition();
    private final Condition slotForNew = lock.newCondition();

    /** Guarded by the lock, as is the next field. */
    private int free;

    private int waitingToFinish;

    /** @param limit how many calls may run at once, at least one */
    public StartLimiter(int limit) {
        if (limit < 1) {
            throw new IllegalArgumentException("at least one call must be allowed to run: " + limit);
        }
        this.free = limit;
    }

    /**
     * Makes the first call of a start, as soon as a slot is free and no started pod waits for one.
     *
     * @throws CriException.Cancelled if the thread is interrupted while it waits
     */
    <T> T startNew(String operation, Supplier<T> call) {
        lock(operation);
        try {
            awaitWhile(() -> free == 0 || waitingToFinish > 0, slotForNew, operation);
            free--;
        } finally {
            lock.unlock();
        }
        return call(call);
    }

    /**
     * Makes a further call of a start, as soon as a slot is free.
     *
     * @throws CriException.Cancelled if the thread is interrupted while it waits
     */
    <T> T finish(String operation, Supplier<T> call) {
        lock(operation);
        try {
            waitingToFinish++;
            try {
                awaitWhile(() -> free == 0, slotForStarted, operation);
                free--;
            } finally {
                waitingToFinish--;
                signalNext();
            }
        } finally {
            lock.unlock();
        }
        return call(call);
    }

    private <T> T call(Supplier<T> call) {
        try {
            return call.get();
        } finally {
            lock.lock();
            try {
                free++;
                signalNext();
            } finally {
                lock.unlock();
            }
        }
    }

    /**
     * Wakes one waiting thread for one free slot. A thread that takes a slot while more are free
     * wakes the next one.
     */
    private void signalNext() {
        if (free > 0) {
            (waitingToFinish > 0 ? slotForStarted : slotForNew).signal();
        }
    }

    private void lock(String operation) {
        try {
            lock.lockInterruptibly();
        } catch (InterruptedException e) {
            throw cancelled(operation, e);
        }
    }

    private void awaitWhile(BooleanSupplier full, Condition slot, String operation) {
        try {
            while (full.getAsBoolean()) {
                slot.await();
            }
        } catch (InterruptedException e) {
            signalNext(); // this thread may have consumed the signal that another one waits for
            throw cancelled(operation, e);
        }
    }

    private static CriException.Cancelled cancelled(String operation, InterruptedException e) {
        Thread.currentThread().interrupt();
        return new CriException.Cancelled(operation, "interrupted while waiting for its turn", e);
    }
}
