/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.concurrent;

import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Starts the threads of the daemon, each with a name and a handler that logs uncaught exceptions. */
public final class Threads {

    private static final Logger LOG = LoggerFactory.getLogger(Threads.class);

    private static volatile Runnable afterError = () -> {};

    private Threads() {}

    /**
     * Sets what runs after an {@link Error}, such as a class that could not be loaded, has ended a thread. A class that failed to
     * load stays unusable, and what the thread did is done no more, so the daemon ends its process.
     */
    public static void onError(Runnable action) {
        afterError = action;
    }

    /** Starts a virtual thread, for work that blocks on locks, queues, sockets and CRI calls. */
    public static Thread startVirtual(String name, Runnable work) {
        Thread thread = unstartedVirtual(name, work);
        thread.start();
        return thread;
    }

    /** Makes a virtual thread that is started later. */
    public static Thread unstartedVirtual(String name, Runnable work) {
        return Thread.ofVirtual()
                .name(name)
                .uncaughtExceptionHandler(Threads::uncaught)
                .unstarted(work);
    }

    /** Starts work on a virtual thread that the caller waits for. */
    public static BackgroundTask startTask(String name, Runnable work) {
        return new ThreadTask(startVirtual(name, work));
    }

    /** Starts work on a platform thread that the caller waits for, for calls that would hold the carrier of a virtual thread. */
    static BackgroundTask startPlatformTask(String name, Runnable work) {
        return new ThreadTask(startPlatform(name, work));
    }

    private record ThreadTask(Thread thread) implements BackgroundTask {
        @Override
        public boolean awaitEnd(Duration atMost) throws InterruptedException {
            return thread.join(atMost);
        }

        @Override
        public void interrupt() {
            thread.interrupt();
        }
    }

    /** Starts a platform daemon thread, for native calls, which would pin the carrier of a virtual thread. */
    public static Thread startPlatform(String name, Runnable work) {
        return Thread.ofPlatform()
                .name(name)
                .daemon()
                .uncaughtExceptionHandler(Threads::uncaught)
                .start(work);
    }

    private static void uncaught(Thread thread, Throwable problem) {
        LOG.error("thread {} ended by an uncaught exception", thread.getName(), problem);
        if (problem instanceof Error) {
            afterError.run();
        }
    }
}
