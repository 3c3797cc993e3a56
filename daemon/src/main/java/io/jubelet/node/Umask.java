/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.node;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Set;
import java.util.stream.Stream;

/** The permissions that the umask of the process removes from new files. */
final class Umask {

    private static final int MODE = read();

    private Umask() {}

    /** Whether the umask removes any of these permissions. */
    static boolean removes(Set<PosixFilePermission> permissions) {
        int mode = 0;
        for (PosixFilePermission permission : permissions) {
            mode |= 0400 >> permission.ordinal(); // in the order of their bits
        }
        return (mode & MODE) != 0;
    }

    private static int read() {
        try (Stream<String> lines = Files.lines(Path.of("/proc/self/status"))) {
            return lines.filter(line -> line.startsWith("Umask:"))
                    .map(line ->
                            Integer.parseInt(line.substring("Umask:".length()).strip(), 8))
                    .findFirst()
                    .orElse(0777);
        } catch (IOException _) {
            return 0777; // assume the strictest
        }
    }
}
