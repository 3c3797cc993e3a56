/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.testing;

import java.io.IOException;
import java.nio.file.Path;

/** Decides which file calls of a {@link FaultyFileSystem} fail. Called on the thread of the call. */
public interface FileFaults {

    /** What a call does. */
    enum Kind {
        /** Reads attributes. The JDK often takes a failure for a file that does not exist. */
        LOOK,
        /** Reads entries or content. */
        READ,
        /** Makes a file, a directory or a link, or opens a file for writing. */
        CREATE,
        /** Removes or renames an entry, or changes attributes. */
        CHANGE
    }

    /**
     * Runs before a call.
     *
     * @throws IOException if the call fails
     */
    void before(Kind kind, Path path) throws IOException;

    /**
     * How many bytes a call writes.
     *
     * @param length how many it is asked to write, at least 1
     * @return at least 1 and at most {@code length}
     * @throws IOException if the call fails
     */
    int writes(Path path, int length) throws IOException;
}
