package io.jubelet.runtime;

import io.jubelet.cri.CriException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * Limits how many calls that keep the runtime busy (making sandboxes, making and starting containers) go on at once:
 * beyond some number they only hinder each other. What has begun is finished before something new is begun, so that of
 * many pods the first are there early. Safe for use by many threads.
 */
final class StartLimiter {

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition roomForBegun = lock.newCondition();
    private final Condition roomForNew = lock.newCondition();

    /** Guarded by the lock, as is the next one. */
    private int free;

    private int begunWaiting;

    StartLimiter(int atOnce) {
        this.free = atOnce;
    }

    /** Makes a call that begins something, when it is its turn. */
    <T> T begin(String operation, Supplier<T> call) {
        lock(operation);
        try {
            awaitWhile(() -> free == 0 || begunWaiting > 0, roomForNew, operation);
            free--;
        } finally {
            lock.unlock();
        }
        return call(call);
    }

    /** Makes a call that goes on with what has begun, when it is its turn. */
    <T> T run(String operation, Supplier<T> call) {
        lock(operation);
        try {
            begunWaiting++;
            try {
                awaitWhile(() -> free == 0, roomForBegun, operation);
                free--;
            } finally {
                begunWaiting--;
                tell();
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
                tell();
            } finally {
                lock.unlock();
            }
        }
    }

    /** One wake-up for one free place; it is passed on by whoever takes a place while there are more. */
    private void tell() {
        if (free > 0) {
            (begunWaiting > 0 ? roomForBegun : roomForNew).signal();
        }
    }

    private void lock(String operation) {
        try {
            lock.lockInterruptibly();
        } catch (InterruptedException e) {
            throw cancelled(operation, e);
        }
    }

    private void awaitWhile(BooleanSupplier noRoom, Condition room, String operation) {
        try {
            while (noRoom.getAsBoolean()) {
                room.await();
            }
        } catch (InterruptedException e) {
            tell(); // the wake-up may have been ours, and others wait
            throw cancelled(operation, e);
        }
    }

    private static CriException.Cancelled cancelled(String operation, InterruptedException e) {
        Thread.currentThread().interrupt();
        return new CriException.Cancelled(operation, "interrupted while waiting for its turn", e);
    }
}
