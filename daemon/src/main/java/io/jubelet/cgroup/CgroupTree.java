/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cgroup;

import io.jubelet.node.SecureDirectories;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * The kernel's cgroup file systems. Paths start at their roots with a slash. Each method can be
 * repeated, and tolerates that the runtime creates the same directories above its containers at the
 * same time.
 *
 * <p>Safe for use by many threads.
 */
public sealed interface CgroupTree permits CgroupV1, CgroupV2 {

    /** The usual mount point of the kernel's cgroups. */
    Path ROOT = Path.of("/sys/fs/cgroup");

    /** The tree at a directory; empty if there is none that this process can write to. */
    static Optional<CgroupTree> at(Path root) {
        if (Files.exists(root.resolve("cgroup.controllers"))) {
            return Files.isWritable(root) ? Optional.of(CgroupV2.at(root)) : Optional.empty();
        }
        Path memory = root.resolve("memory");
        return Files.exists(memory.resolve("cgroup.procs")) && Files.isWritable(memory)
                ? Optional.of(new CgroupV1(root))
                : Optional.empty();
    }

    /** Creates a cgroup and those above it, and sets its limits. */
    void make(String path, CgroupLimits limits) throws IOException;

    /** Sets the limits of a cgroup that exists. */
    void set(String path, CgroupLimits limits) throws IOException;

    /** Whether a cgroup exists. */
    boolean exists(String path);

    /** The directories of a cgroup in all hierarchies, which need not exist. */
    List<Path> directories(String path);

    /** Whether the counters of a cgroup include the events of the cgroups below. */
    boolean countsBelow();

    /**
     * How many processes of a cgroup the kernel killed because its memory was used up; empty if the
     * cgroup or the counter does not exist.
     */
    OptionalLong outOfMemoryKills(String path);

    /** The value of the line {@code oom_kill} of a file. */
    static OptionalLong outOfMemoryKills(Path file) {
        try {
            for (String line : Files.readAllLines(file)) {
                if (line.startsWith("oom_kill ")) {
                    return OptionalLong.of(
                            Long.parseLong(line.substring("oom_kill ".length()).strip()));
                }
            }
        } catch (IOException | NumberFormatException _) {
            // The runtime has removed the cgroup, or the kernel has another format.
        }
        return OptionalLong.empty();
    }

    /**
     * Removes a cgroup and the cgroups below it; done if there is none.
     *
     * @throws IOException if there are processes in it
     */
    default void remove(String path) throws IOException {
        for (Path directory : directories(path)) {
            removeTree(directory);
        }
    }

    /** The names of the cgroups directly below one. */
    default Set<String> children(String path) throws IOException {
        Set<String> names = new LinkedHashSet<>();
        for (Path directory : directories(path)) {
            for (Path child : below(directory)) {
                names.add(child.getFileName().toString());
            }
        }
        return names;
    }

    /** The processes in a cgroup and below it. */
    default Set<Long> processes(String path) throws IOException {
        Set<Long> processes = new LinkedHashSet<>();
        for (Path directory : directories(path)) {
            addProcesses(directory, processes);
        }
        return processes;
    }

    private static void addProcesses(Path directory, Set<Long> processes) throws IOException {
        try {
            Files.readAllLines(directory.resolve("cgroup.procs")).forEach(line -> processes.add(Long.valueOf(line)));
        } catch (NoSuchFileException _) {
            return;
        }
        for (Path child : below(directory)) {
            addProcesses(child, processes);
        }
    }

    private static void removeTree(Path directory) throws IOException {
        for (Path child : below(directory)) {
            removeTree(child);
        }
        Files.deleteIfExists(directory);
    }

    private static List<Path> below(Path directory) throws IOException {
        List<Path> children = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
            for (Path entry : SecureDirectories.entries(entries)) {
                if (Files.isDirectory(entry, LinkOption.NOFOLLOW_LINKS)) {
                    children.add(entry);
                }
            }
        } catch (NoSuchFileException _) {
            // removed already, or never created
        }
        return children;
    }

    /** Creates a directory, and its parents only if that fails. */
    static void createDirectory(Path directory) throws IOException {
        try {
            Files.createDirectory(directory);
        } catch (FileAlreadyExistsException _) {
            // created by the runtime, or earlier
        } catch (NoSuchFileException _) {
            Files.createDirectories(directory);
        }
    }

    /** Writes a value to a file of a cgroup, in a single call. */
    static void write(Path file, String value) throws IOException {
        try (var out = Channels.newOutputStream(Files.newByteChannel(file, StandardOpenOption.WRITE))) {
            out.write(value.getBytes(StandardCharsets.US_ASCII));
        } catch (IOException e) {
            throw new IOException("cannot write " + value + " to " + file + ": " + e.getMessage(), e);
        }
    }
}
