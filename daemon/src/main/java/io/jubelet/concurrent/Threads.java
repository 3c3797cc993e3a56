package io.jubelet.concurrent;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes every thread of the daemon, each with a name and with a last resort for exceptions nobody caught. */
public final class Threads {

    private static final Logger LOG = LoggerFactory.getLogger(Threads.class);

    private Threads() {}

    /** Starts a virtual thread: for everything that blocks on locks, queues, sockets and CRI calls. */
    public static Thread startVirtual(String name, Runnable work) {
        return Thread.ofVirtual()
                .name(name)
                .uncaughtExceptionHandler(Threads::uncaught)
                .start(work);
    }

    /** Starts a platform daemon thread: for native calls that would pin a carrier. */
    public static Thread startPlatform(String name, Runnable work) {
        return Thread.ofPlatform()
                .name(name)
                .daemon()
                .uncaughtExceptionHandler(Threads::uncaught)
                .start(work);
    }

    private static void uncaught(Thread thread, Throwable problem) {
        LOG.error("thread {} ended by an exception nobody caught", thread.getName(), problem);
    }
}
