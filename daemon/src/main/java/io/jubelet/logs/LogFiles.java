/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.logs;

import io.jubelet.node.SafeDirectory.Opened;
import io.jubelet.podfiles.LogDirectory;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.zip.GZIPInputStream;

/**
 * The log of one instance at one moment: its rotated files, from the oldest, and the one being
 * written. All of them are open, so a rotation that renames, compresses or removes them in the
 * meantime does no harm. Used by one thread.
 */
final class LogFiles implements AutoCloseable {

    private static final String COMPRESSED = ".gz";
    private static final String UNFINISHED = ".tmp";

    /** A file that is no longer written. */
    record Rotated(SeekableByteChannel file, boolean compressed) {

        /**
         * Its lines from the first one on. Closing the stream leaves the file open, because it may
         * be read twice.
         */
        InputStream lines() throws IOException {
            InputStream in = new FilterInputStream(Channels.newInputStream(file.position(0))) {
                @Override
                public void close() {
                    // LogFiles closes the file
                }
            };
            return compressed ? new GZIPInputStream(in, 16 << 10) : in;
        }
    }

    private final List<Rotated> rotated = new ArrayList<>();
    private final Opened current;

    private LogFiles(Opened current) {
        this.current = current;
    }

    /**
     * Opens the files of one instance; empty if a rotation is under way, and the caller should try
     * again.
     *
     * @param directory whose files have not been listed before
     * @throws NoSuchFileException if there is no log
     */
    static Optional<LogFiles> open(LogDirectory directory, int attempt) throws IOException {
        String name = attempt + ".log";
        Optional<Opened> current = current(directory, name);
        if (current.isEmpty()) {
            if (older(directory, attempt).isEmpty()) {
                throw new NoSuchFileException(name);
            }
            return Optional.empty(); // renamed, and the runtime has not created the next one
        }
        LogFiles files = new LogFiles(current.get());
        boolean complete = false;
        try {
            for (String each : older(directory, attempt)) {
                files.rotated.add(new Rotated(directory.open(each).channel(), each.endsWith(COMPRESSED)));
            }
            complete = directory.attributes(name).fileKey().equals(files.current.key());
        } catch (NoSuchFileException _) {
            complete = false; // compressed or removed since it was listed
        } finally {
            if (!complete) {
                files.close();
            }
        }
        return complete ? Optional.of(files) : Optional.empty();
    }

    private static Optional<Opened> current(LogDirectory directory, String name) throws IOException {
        try {
            return Optional.of(directory.open(name));
        } catch (NoSuchFileException _) {
            return Optional.empty();
        }
    }

    private static List<String> older(LogDirectory directory, int attempt) throws IOException {
        List<String> names = directory.filesOf(attempt);
        List<String> older = new ArrayList<>();
        for (String name : names) {
            boolean unfinished = name.endsWith(UNFINISHED);
            // For a moment both files exist, with the same lines.
            boolean compressedAlready = names.contains(name + COMPRESSED);
            if (!name.equals(attempt + ".log") && !unfinished && !compressedAlready && directory.isRegularFile(name)) {
                older.add(name);
            }
        }
        return older;
    }

    List<Rotated> rotated() {
        return rotated;
    }

    /** The file being written. */
    Opened current() {
        return current;
    }

    /** Closes the rotated files; the caller closes the one being written. */
    void closeRotated() throws IOException {
        for (Rotated each : rotated) {
            each.file().close();
        }
    }

    @Override
    public void close() throws IOException {
        closeRotated();
        current.close();
    }
}
