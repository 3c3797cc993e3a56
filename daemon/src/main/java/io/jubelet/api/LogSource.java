/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.api;

import java.io.IOException;
import java.io.OutputStream;
import java.util.function.BooleanSupplier;

/** Copies the logs of containers. Implemented in room {@code logs}. */
public interface LogSource {

    /**
     * Copies a log as plain text. Blocks until everything is copied; if the request says to follow,
     * until the instance has ended and the rest of its log is copied. The thread is interrupted if
     * the client closes the connection.
     *
     * @param live whether the instance can still write; cheap, and called often
     * @param out blocks while the client reads slowly, and throws if it is gone; data is sent on
     *     {@code flush}
     * @throws java.nio.file.NoSuchFileException if there is no such log
     */
    void copy(LogRequest request, BooleanSupplier live, OutputStream out) throws IOException, InterruptedException;
}
