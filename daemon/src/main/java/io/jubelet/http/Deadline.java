/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.http;

import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * A deadline for an operation of several steps.
 *
 * @param nanos of {@link System#nanoTime}
 */
public record Deadline(long nanos) {

    /** Creates a deadline that is {@code time} from now, at most some hundred years. */
    public static Deadline after(Duration time) {
        return new Deadline(System.nanoTime() + time.toNanos());
    }

    /**
     * The time left in milliseconds, at least 1.
     *
     * @throws SocketTimeoutException if the deadline has passed
     */
    int millisLeft() throws SocketTimeoutException {
        long left = nanos - System.nanoTime();
        if (left <= 0) {
            throw new SocketTimeoutException("deadline exceeded");
        }
        return Math.clamp(TimeUnit.NANOSECONDS.toMillis(left), 1, Integer.MAX_VALUE);
    }
}
