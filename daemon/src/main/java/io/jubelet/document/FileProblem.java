/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.document;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;

/**
 * Says in words why a call on a file failed. The JDK says it by the type of the exception, whose
 * message is often no more than a path.
 */
public final class FileProblem {

    private FileProblem() {}

    /** A clause that names the file, such as {@code /etc/x does not exist}. */
    public static String of(IOException problem) {
        return switch (problem) {
            case NoSuchFileException e -> e.getFile() + " does not exist";
            case AccessDeniedException e -> "permission denied for " + e.getFile();
            case FileSystemException e -> e.getFile() + ": " + reason(e);
            default -> reason(problem);
        };
    }

    /** A clause that does not name the file, such as {@code it does not exist}. */
    public static String reason(IOException problem) {
        return switch (problem) {
            case NoSuchFileException _ -> "it does not exist";
            case AccessDeniedException _ -> "permission denied";
            case FileSystemException e when e.getReason() != null -> e.getReason();
            case FileSystemException e -> e.getClass().getSimpleName();
            default -> String.valueOf(problem.getMessage());
        };
    }
}
