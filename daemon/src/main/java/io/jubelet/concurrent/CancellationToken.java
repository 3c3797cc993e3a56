package io.jubelet.concurrent;

import java.util.concurrent.locks.ReentrantLock;

/**
 * What somebody acts upon for another, who may withdraw it at any moment. A withdrawal ends only what is worth nothing
 * without the mandate; whoever acts says what that is by {@linkplain #awaitEnd waiting} for it.
 *
 * <p>Safe for use by many threads, one of which acts.
 */
public final class CancellationToken {

    private final ReentrantLock lock = new ReentrantLock();
    private BackgroundTask waitedFor;
    private boolean cancelled;

    /** Says that the mandate is no more. Any thread; does not block. */
    public void cancel() {
        lock.lock();
        try {
            cancelled = true;
            if (waitedFor != null) {
                waitedFor.interrupt();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Whether the mandate is no more. */
    public boolean cancelled() {
        lock.lock();
        try {
            return cancelled;
        } finally {
            lock.unlock();
        }
    }

    /** Waits for the end of work that is interrupted when the mandate is withdrawn, or is already. */
    public void awaitEnd(BackgroundTask work) throws InterruptedException {
        waitFor(work);
        try {
            work.awaitEnd();
        } finally {
            waitFor(null);
        }
    }

    private void waitFor(BackgroundTask work) {
        lock.lock();
        try {
            waitedFor = work;
            if (cancelled && work != null) {
                work.interrupt();
            }
        } finally {
            lock.unlock();
        }
    }
}
