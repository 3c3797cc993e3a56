/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.node;

import java.io.IOException;
import java.nio.file.Path;

/** Reads the modes of files, including the bits of their types. */
public interface FileModes {

    /**
     * The mode of a file, as {@code stat} returns it.
     *
     * @param follow whether to follow a symbolic link
     * @throws java.nio.file.NoSuchFileException if there is no such file
     */
    int mode(Path path, boolean follow) throws IOException;
}
