/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cgroup;

import io.jubelet.node.SecureDirectories;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;

/**
 * Cgroup v1: one file system for each controller, or for some together. A directory is created only
 * for a controller whose limit is set. The runtime creates the others above its containers, with
 * what controllers such as cpuset need to have copied.
 */
final class CgroupV1 implements CgroupTree {

    private final Path root;

    CgroupV1(Path root) {
        this.root = root;
    }

    @Override
    public void make(String path, CgroupLimits limits) throws IOException {
        for (String controller : List.of("cpu", "memory", "pids", "hugetlb")) {
            if (hasLimit(controller, limits) && isMounted(controller)) {
                CgroupTree.createDirectory(directory(controller, path));
            }
        }
        set(path, limits);
    }

    private static boolean hasLimit(String controller, CgroupLimits limits) {
        return switch (controller) {
            case "memory" -> limits.memoryBytes() > 0;
            case "pids" -> limits.pids() > 0;
            case "hugetlb" -> !limits.hugePages().isEmpty();
            default -> true;
        };
    }

    @Override
    public void set(String path, CgroupLimits limits) throws IOException {
        Path cpu = directory("cpu", path);
        if (limits.cpuShares() > 0) {
            write(cpu.resolve("cpu.shares"), limits.cpuShares());
        }
        if (limits.cpuQuotaMicros() > 0) {
            write(cpu.resolve("cpu.cfs_period_us"), limits.cpuPeriodMicros());
            write(cpu.resolve("cpu.cfs_quota_us"), limits.cpuQuotaMicros());
        }
        if (limits.memoryBytes() > 0) {
            write(directory("memory", path).resolve("memory.limit_in_bytes"), limits.memoryBytes());
        }
        if (limits.pids() > 0) {
            write(directory("pids", path).resolve("pids.max"), limits.pids());
        }
        if (isMounted("hugetlb")) {
            for (Map.Entry<String, Long> pages : limits.hugePages().entrySet()) {
                write(
                        directory("hugetlb", path).resolve("hugetlb." + pages.getKey() + ".limit_in_bytes"),
                        pages.getValue());
            }
        }
    }

    private static void write(Path file, long value) throws IOException {
        CgroupTree.write(file, Long.toString(value));
    }

    @Override
    public boolean exists(String path) {
        return Files.isDirectory(directory("cpu", path));
    }

    @Override
    public List<Path> directories(String path) {
        Set<Path> directories = new LinkedHashSet<>();
        try (DirectoryStream<Path> hierarchies = Files.newDirectoryStream(root, Files::isDirectory)) {
            for (Path hierarchy : SecureDirectories.entries(hierarchies)) {
                // cpu and cpuacct are often symbolic links to one file system
                directories.add(hierarchy.toRealPath().resolve(path.substring(1)));
            }
        } catch (IOException _) {
            return List.of();
        }
        return new ArrayList<>(directories);
    }

    @Override
    public boolean countsBelow() {
        return false;
    }

    @Override
    public OptionalLong outOfMemoryKills(String path) {
        return CgroupTree.outOfMemoryKills(directory("memory", path).resolve("memory.oom_control"));
    }

    private boolean isMounted(String controller) {
        return Files.exists(root.resolve(controller).resolve("cgroup.procs"));
    }

    private Path directory(String controller, String path) {
        return root.resolve(controller).resolve(path.substring(1));
    }
}
