/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.node;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.SecureDirectoryStream;
import java.util.ArrayList;
import java.util.List;

/** Opens directories so that operations in them stay in them, even if names on the path change. */
public final class SecureDirectories {

    private SecureDirectories() {}

    /** Opens a directory whose path is trusted. */
    @SuppressWarnings("StreamResourceLeak") // closed by the caller
    public static SecureDirectoryStream<Path> open(Path path) throws IOException {
        return secure(Files.newDirectoryStream(path));
    }

    /** Opens a directory in another one, unless it is a symbolic link. */
    public static SecureDirectoryStream<Path> enter(SecureDirectoryStream<Path> from, Path name) throws IOException {
        return secure(from.newDirectoryStream(name, LinkOption.NOFOLLOW_LINKS));
    }

    /**
     * The entries of a directory that was opened.
     *
     * @throws IOException if they cannot be read; iterating throws a RuntimeException instead
     */
    public static List<Path> entries(DirectoryStream<Path> directory) throws IOException {
        List<Path> entries = new ArrayList<>();
        try {
            directory.forEach(entries::add);
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
        return entries;
    }

    /** Whether this is the name of a single entry of a directory. */
    public static boolean isPlainName(String name) {
        return !name.isEmpty() && !name.equals(".") && !name.equals("..") && name.indexOf('/') < 0;
    }

    private static SecureDirectoryStream<Path> secure(DirectoryStream<Path> stream) throws IOException {
        if (stream instanceof SecureDirectoryStream<Path> secure) {
            return secure;
        }
        stream.close();
        throw new NotDirectoryException("this file system cannot be walked safely");
    }
}
