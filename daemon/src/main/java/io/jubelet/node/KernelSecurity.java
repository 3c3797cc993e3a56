/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.node;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;

/** Which security mechanisms the running kernel has. Read each time, because few pods need it. */
public final class KernelSecurity {

    private final Path root;

    /** For this node. */
    public KernelSecurity() {
        this(Path.of("/"));
    }

    /** @param root the directory with the files of the kernel below it */
    KernelSecurity(Path root) {
        this.root = Objects.requireNonNull(root, "root");
    }

    /** Whether AppArmor profiles can be enforced. */
    public boolean hasAppArmor() throws IOException {
        Path enabled = root.resolve("sys/module/apparmor/parameters/enabled");
        return Files.exists(enabled) && Files.readString(enabled).startsWith("Y");
    }

    /** Whether seccomp filters can be enforced: each process then has a line about them. */
    public boolean hasSeccomp() throws IOException {
        return Files.readAllLines(root.resolve("proc/self/status")).stream()
                .anyMatch(line -> line.startsWith("Seccomp:"));
    }
}
