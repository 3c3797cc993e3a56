/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.volume;

import java.io.IOException;
import java.nio.file.FileSystemException;

/** Messages for the user about files that cannot be prepared. */
public final class FileErrors {

    private FileErrors() {}

    /**
     * The message of an error. That of the JDK is often only a path, which the type of the
     * exception then explains.
     */
    public static String message(IOException e) {
        String message = e.getMessage();
        return message == null || e instanceof FileSystemException ? e.toString() : message;
    }
}
