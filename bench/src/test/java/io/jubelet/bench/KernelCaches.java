package io.jubelet.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The state of the kernel in which measurements begin. */
final class KernelCaches {
    private static final Path CACHES = Path.of("/proc/sys/vm/drop_caches");

    private KernelCaches() {}

    /**
     * Frees what is cached. A memory cgroup that was removed stays in the kernel as long as pages are that it was charged for,
     * and hundreds of them make everything slower that comes later, whoever is measured then.
     */
    static void drop() {
        try {
            Files.writeString(CACHES, "3");
        } catch (IOException e) {
            throw new UncheckedIOException("the kernel's caches cannot be freed, which takes root", e);
        }
    }
}
