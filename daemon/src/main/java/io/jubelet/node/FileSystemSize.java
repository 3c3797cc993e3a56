/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.node;

import java.io.IOException;
import java.nio.file.Path;

/**
 * The size of a file system.
 *
 * @param capacity in bytes
 * @param available to unprivileged users, in bytes
 * @param inodes 0 if the file system allocates them dynamically
 * @param freeInodes as {@code inodes}
 */
public record FileSystemSize(long capacity, long available, long inodes, long freeInodes) {

    /**
     * Queries the file system that a path is on, following symbolic links. Blocks.
     *
     * @throws IOException if there is no such path
     */
    public static FileSystemSize of(Path path) throws IOException {
        return LinuxFileCalls.fileSystemSize(path);
    }
}
