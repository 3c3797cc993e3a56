/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.e2e;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** The size of the log of a container over time, from samples. */
final class LogSize {

    private final Path directory;
    private long last;
    private long written;
    private long largest;

    LogSize(Path directory) {
        this.directory = directory;
    }

    /** Reads the sizes of the files, and returns this. */
    LogSize sample() {
        largest = Math.max(largest, bytes());
        long length = directory.resolve("0.log").toFile().length();
        written += Math.max(0, length - last);
        last = length;
        return this;
    }

    private long bytes() {
        long bytes = 0;
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.toList()) {
                bytes += file.toFile().length();
            }
        } catch (IOException _) {
            return 0; // A file was renamed meanwhile; the next sample counts it.
        }
        return bytes;
    }

    /** A lower bound of the bytes that were written until the last sample; a file that is rotated loses some. */
    long written() {
        return written;
    }

    /** The most bytes that were on the disk at the time of a sample. */
    long largest() {
        return largest;
    }

    @Override
    public String toString() {
        return largest + " of " + written + " bytes were on the disk at once";
    }
}
