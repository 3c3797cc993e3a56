/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cgroup;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Cgroup v2: one file system for all controllers. A cgroup has the controllers that all cgroups
 * above it enable for their children.
 */
final class CgroupV2 implements CgroupTree {

    private static final Logger LOG = LoggerFactory.getLogger(CgroupV2.class);
    private static final Set<String> WANTED = Set.of("cpu", "cpuset", "io", "memory", "hugetlb", "pids");

    private final Path root;
    private final Set<String> controllers;

    private CgroupV2(Path root, Set<String> controllers) {
        this.root = root;
        this.controllers = controllers;
    }

    static CgroupV2 at(Path root) {
        try {
            return new CgroupV2(root, words(root.resolve("cgroup.controllers")));
        } catch (IOException _) {
            return new CgroupV2(root, Set.of());
        }
    }

    @Override
    public void make(String path, CgroupLimits limits) throws IOException {
        Path directory = directory(path);
        enableControllers(parent(directory));
        CgroupTree.createDirectory(directory);
        set(path, limits);
    }

    private static Path parent(Path directory) {
        return Objects.requireNonNull(directory.getParent(), "a cgroup is never the root of the file system");
    }

    /**
     * Enables the controllers for the children of a cgroup and of all those above it, which are
     * created if they are missing.
     */
    private void enableControllers(Path directory) throws IOException {
        if (!directory.equals(root)) {
            if (!directory.startsWith(root)) {
                throw new IOException(directory + " is not below " + root);
            }
            enableControllers(parent(directory));
            CgroupTree.createDirectory(directory);
        }
        Path file = directory.resolve("cgroup.subtree_control");
        Set<String> missing = new TreeSet<>(controllers);
        missing.retainAll(WANTED);
        missing.removeAll(words(file));
        if (missing.isEmpty()) {
            return;
        }
        try {
            CgroupTree.write(file, "+" + String.join(" +", missing));
        } catch (IOException together) {
            LOG.debug("cannot enable all controllers at once: error=\"{}\"", together.getMessage());
            for (String controller : missing) {
                enableController(file, controller);
            }
        }
    }

    /**
     * Enables one controller. Does not fail, because a limit that needs it fails with a message of
     * its own.
     */
    private static void enableController(Path file, String controller) {
        try {
            CgroupTree.write(file, "+" + controller);
        } catch (IOException e) {
            LOG.debug("cannot enable a controller: error=\"{}\"", e.getMessage());
        }
    }

    @Override
    public void set(String path, CgroupLimits limits) throws IOException {
        Path directory = directory(path);
        if (limits.cpuShares() > 0) {
            write(directory, "cpu", "weight", Long.toString(CpuTime.weight(limits.cpuShares())));
        }
        if (limits.cpuQuotaMicros() > 0) {
            write(directory, "cpu", "max", limits.cpuQuotaMicros() + " " + limits.cpuPeriodMicros());
        }
        if (limits.memoryBytes() > 0) {
            write(directory, "memory", "max", Long.toString(limits.memoryBytes()));
        }
        if (limits.pids() > 0) {
            write(directory, "pids", "max", Long.toString(limits.pids()));
        }
        for (Map.Entry<String, Long> pages : limits.hugePages().entrySet()) {
            write(directory, "hugetlb", pages.getKey() + ".max", Long.toString(pages.getValue()));
        }
    }

    private void write(Path directory, String controller, String file, String value) throws IOException {
        if (controllers.contains(controller)) {
            CgroupTree.write(directory.resolve(controller + "." + file), value);
        }
    }

    @Override
    public boolean exists(String path) {
        return Files.isDirectory(directory(path));
    }

    @Override
    public List<Path> directories(String path) {
        return List.of(directory(path));
    }

    @Override
    public boolean countsBelow() {
        return true;
    }

    @Override
    public OptionalLong outOfMemoryKills(String path) {
        return CgroupTree.outOfMemoryKills(directory(path).resolve("memory.events"));
    }

    private Path directory(String path) {
        return root.resolve(path.substring(1));
    }

    private static Set<String> words(Path file) throws IOException {
        try {
            String text = Files.readString(file).strip();
            return text.isEmpty() ? Set.of() : Set.of(text.split(" "));
        } catch (NoSuchFileException _) {
            return Set.of();
        }
    }
}
