/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.document;

import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.NotLinkException;

/**
 * Says in words why a call on a file failed. The JDK says it by the type of the exception, whose
 * message is often no more than a path. All messages about files for users and logs come from here.
 */
public final class FileProblem {

    private FileProblem() {}

    /** A clause that names the file, such as {@code /etc/x does not exist}. */
    public static String of(IOException problem) {
        return switch (problem) {
            case AccessDeniedException e -> "permission denied for " + e.getFile();
            case FileSystemException e
            when e.getFile() != null -> {
                String predicate = predicate(e);
                yield predicate.isEmpty() ? e.getFile() + ": " + reason(e) : e.getFile() + " " + predicate;
            }
            default -> reason(problem);
        };
    }

    /** A clause that does not name the file, such as {@code it does not exist}. */
    public static String reason(IOException problem) {
        return switch (problem) {
            case AccessDeniedException _ -> "permission denied";
            case FileSystemException e when !predicate(e).isEmpty() -> "it " + predicate(e);
            case FileSystemException e when e.getReason() != null -> e.getReason();
            case FileSystemException _ -> "the call failed for a reason that the system does not tell";
            case CharacterCodingException _ -> "it is not UTF-8";
            case EOFException _ -> "it ends too early";
            default -> problem.getMessage() == null ? problem.getClass().getSimpleName() : problem.getMessage();
        };
    }

    /** What the type of an exception says of the file; empty if the type says nothing. */
    private static String predicate(FileSystemException problem) {
        return switch (problem) {
            case NoSuchFileException _ -> "does not exist";
            case FileAlreadyExistsException _ -> "exists already";
            case NotDirectoryException _ -> "is not a directory";
            case DirectoryNotEmptyException _ -> "is not empty";
            case NotLinkException _ -> "is not a symbolic link";
            case FileSystemLoopException _ -> "is a symbolic link that leads to itself";
            default -> "";
        };
    }
}
