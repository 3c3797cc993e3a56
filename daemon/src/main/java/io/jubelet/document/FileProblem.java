package io.jubelet.document;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;

/** Says in words what the JDK says by the type of an exception, whose message is then no more than a path. */
public final class FileProblem {

    private FileProblem() {}

    /** A clause such as {@code /etc/x does not exist}. */
    public static String of(IOException problem) {
        return switch (problem) {
            case NoSuchFileException e -> e.getFile() + " does not exist";
            case AccessDeniedException e -> "permission denied for " + e.getFile();
            case FileSystemException e when e.getReason() != null -> e.getFile() + ": " + e.getReason();
            case FileSystemException e -> e.getFile() + ": " + e.getClass().getSimpleName();
            default -> String.valueOf(problem.getMessage());
        };
    }
}
