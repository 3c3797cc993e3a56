/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The caches of the kernel, which are dropped before a measurement. */
final class KernelCaches {
    private static final Path CACHES = Path.of("/proc/sys/vm/drop_caches");

    private KernelCaches() {}

    /**
     * Drops the page cache, dentries and inodes. The kernel keeps a removed memory cgroup while pages are charged to it, and
     * hundreds of such cgroups slow down every later measurement.
     */
    static void drop() {
        try {
            Files.writeString(CACHES, "3");
        } catch (IOException e) {
            throw new UncheckedIOException("cannot drop the caches of the kernel, which needs root", e);
        }
    }
}
