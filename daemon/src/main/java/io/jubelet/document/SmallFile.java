/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.document;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Reads files of limited size. Stateless. */
public final class SmallFile {

    private SmallFile() {}

    /**
     * Reads a regular file; blocks.
     *
     * @param maxBytes the largest size; nothing is allocated from the size that the file system
     *     reports
     * @throws FileSystemException when the file is larger, or is something else, such as a pipe that
     *     could block or a device without an end
     * @throws IOException when the file cannot be read
     */
    public static byte[] read(Path file, int maxBytes) throws IOException {
        if (Files.exists(file) && !Files.isRegularFile(file)) {
            throw new FileSystemException(file.toString(), null, "is not a regular file");
        }
        try (InputStream in = Files.newInputStream(file)) {
            byte[] content = in.readNBytes(maxBytes + 1);
            if (content.length > maxBytes) {
                throw new FileSystemException(
                        file.toString(), null, "is larger than " + maxBytes + " bytes, which no such file should be");
            }
            return content;
        }
    }
}
