package io.jubelet.node;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;

/** Which means of confinement the running kernel has. Asked each time, for few pods need to know. */
public final class KernelSecurity {

    private final Path root;

    /** Of this node. */
    public KernelSecurity() {
        this(Path.of("/"));
    }

    /** @param root with the kernel's files below it */
    KernelSecurity(Path root) {
        this.root = Objects.requireNonNull(root, "root");
    }

    /** Whether profiles of AppArmor can be enforced. */
    public boolean hasAppArmor() throws IOException {
        Path enabled = root.resolve("sys/module/apparmor/parameters/enabled");
        return Files.exists(enabled) && Files.readString(enabled).startsWith("Y");
    }

    /** Whether filters of seccomp can be: each process then shows what it has of them. */
    public boolean hasSeccomp() throws IOException {
        return Files.readAllLines(root.resolve("proc/self/status")).stream()
                .anyMatch(line -> line.startsWith("Seccomp:"));
    }
}
