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

    ClientException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
