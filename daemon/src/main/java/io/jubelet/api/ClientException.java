/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.api;

import org.jspecify.annotations.Nullable;

/**
 * A request of {@link LocalClient} failed; the message tells the user what is wrong and what to do.
 */
public final class ClientException extends Exception {

    private static final long serialVersionUID = 1L;

    private static final int NOT_FOUND = 404;

    /** The status of the response; 0 if there was none. */
    private final int status;

    ClientException(String message, @Nullable Throwable cause) {
        super(message, cause);
        this.status = 0;
    }

    ClientException(String message, int status) {
        super(message);
        this.status = status;
    }

    /** Whether the daemon responded that there is no such object. */
    public boolean isNotFound() {
        return status == NOT_FOUND;
    }
}
