package io.jubelet.runtime;

import io.jubelet.cri.CriException;
import java.util.concurrent.Semaphore;
import java.util.function.Supplier;

/**
 * Limits how many calls that keep the runtime busy (making sandboxes, making and starting containers) go on at once:
 * beyond some number they only hinder each other. First come, first served. Safe for use by many threads.
 */
final class HeavyCalls {

    private final Semaphore permits;

    HeavyCalls(int atOnce) {
        this.permits = new Semaphore(atOnce, true);
    }

    /** Makes a call when it is its turn. */
    <T> T run(String operation, Supplier<T> call) {
        try {
            permits.acquire();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CriException.Cancelled(operation, "interrupted while waiting for its turn", e);
        }
        try {
            return call.get();
        } finally {
            permits.release();
        }
    }
}
