/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.warmup;

import io.jubelet.concurrent.Threads;
import io.jubelet.cri.CriException;
import io.jubelet.cri.ImageService;
import io.jubelet.cri.ImageSpec;
import java.time.Duration;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs the code of a pod's start soon after the start of the daemon, so that the JVM has linked and compiled it before a pod
 * needs it.
 *
 * <p>The JVM links code when it first runs, and compiles it after some hundred runs. Without a warm-up, the first thirty pods of
 * a daemon cost more than twice as much CPU time as later ones. The calls query an image that does not exist, and the pod exists
 * nowhere else.
 */
public final class WarmUp implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(WarmUp.class);

    /** The JVM compiles a method after 200 calls. */
    static final int ROUNDS = 200;

    /** Time in which pods that wait for the daemon are started first. */
    private static final Duration DELAY = Duration.ofSeconds(1);

    private static final ImageSpec NO_IMAGE = ImageSpec.of("jubelet.invalid/none:1");

    private final Thread thread;

    private WarmUp(Thread thread) {
        this.thread = thread;
    }

    /**
     * Starts the warm-up on a thread of its own, {@code warm-up}.
     *
     * @param pod creates, on that thread, what simulates the life of a pod without any effect; that may throw
     *     {@link CriException}
     */
    public static WarmUp start(ImageService images, Supplier<? extends Runnable> pod) {
        return new WarmUp(Threads.startVirtual("warm-up", () -> {
            try {
                Thread.sleep(DELAY);
                repeat(images, pod.get());
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
            }
        }));
    }

    /** Ends with the first call that fails, because the runtime has more important work then. */
    static void repeat(ImageService images, Runnable pod) {
        try {
            for (int i = 0; i < ROUNDS; i++) {
                images.imageStatus(NO_IMAGE);
                pod.run();
            }
        } catch (CriException e) {
            LOG.debug("the warm-up ended early because a call of the runtime failed: {}", e.getMessage());
        }
    }

    /** Ends the warm-up if it is still running. */
    @Override
    public void close() {
        thread.interrupt();
    }
}
