package io.jubelet.concurrent;

import java.time.Duration;

/** Work that goes on beside the one who began it. */
public interface BackgroundTask {

    /** Begins work. */
    @FunctionalInterface
    interface Starter {

        /**
         * Begins work on a thread of its own.
         *
         * @param name of the thread
         */
        BackgroundTask start(String name, Runnable work);
    }

    /**
     * Waits for its end, but no longer than {@code atMost}.
     *
     * @return whether it has ended; what it has written can then be read
     */
    boolean awaitEnd(Duration atMost) throws InterruptedException;

    /** Waits for its end, however long that takes. */
    default void awaitEnd() throws InterruptedException {
        boolean ended = false;
        while (!ended) {
            ended = awaitEnd(Duration.ofDays(1));
        }
    }

    /** Asks it to end soon, by an interrupt. Any thread. */
    void interrupt();
}
