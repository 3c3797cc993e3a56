/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.rollout;

import io.jubelet.document.Documents;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** Reads what a command line names as a manifest. */
public final class ManifestInput {

    /** Stands for standard input. */
    public static final String STANDARD_INPUT = "-";

    private ManifestInput() {}

    /**
     * Reads a file, or standard input; blocks. Of what is too large for a manifest it returns so much that a parser sees that.
     *
     * @param path of a file, or {@link #STANDARD_INPUT}
     */
    public static byte[] read(String path, InputStream input) throws IOException {
        if (path.equals(STANDARD_INPUT)) {
            return input.readNBytes(Documents.MAX_SIZE + 1);
        }
        try (InputStream file = Files.newInputStream(Path.of(path))) {
            return file.readNBytes(Documents.MAX_SIZE + 1);
        }
    }
}
