/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.kubeapi;

import io.jubelet.concurrent.Threads;
import io.jubelet.concurrent.Wakeup;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.Objects;

/**
 * Closes the body of a response when its time is over, because reading it has no timeout. Safe for
 * use by many threads.
 */
final class BodyDeadline implements AutoCloseable {

    private final InputStream body;
    private final Duration atMost;
    private final Wakeup done = new Wakeup();
    private volatile boolean expired;

    private BodyDeadline(InputStream body, Duration atMost) {
        this.body = Objects.requireNonNull(body, "body");
        this.atMost = Objects.requireNonNull(atMost, "atMost");
    }

    /** Starts the time of a body, which ends when the result is closed. */
    static BodyDeadline start(InputStream body, Duration atMost) {
        BodyDeadline deadline = new BodyDeadline(body, atMost);
        Threads.startVirtual("api-server/deadline", deadline::run);
        return deadline;
    }

    /** Returns whether the body was closed. */
    boolean expired() {
        return expired;
    }

    private void run() {
        try {
            if (!done.awaitFor(atMost)) {
                expired = true;
                body.close();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException _) {
            // The stream is closed either way.
        }
    }

    @Override
    public void close() {
        done.signal();
    }
}
