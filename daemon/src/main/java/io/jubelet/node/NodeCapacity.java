/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.node;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/**
 * The capacity of the node, or what is allocatable for pods. Unknown amounts are 0.
 *
 * @param cpuMilli online processors, in thousandths
 * @param memoryBytes all memory
 * @param ephemeralStorageBytes the size of the disk with the directory of the daemon
 * @param hugePages reserved bytes, by resource such as {@code hugepages-2Mi}, for each size that
 *     the kernel supports
 */
public record NodeCapacity(long cpuMilli, long memoryBytes, long ephemeralStorageBytes, Map<String, Long> hugePages) {

    public NodeCapacity {
        hugePages = Map.copyOf(hugePages);
    }

    /**
     * Reads the capacity; blocks for some small files. An amount that cannot be read is unknown and
     * never an error.
     */
    public static NodeCapacity read(long memoryBytes, Path rootDir) {
        return new NodeCapacity(
                1000L * cpus(Path.of("/proc/cpuinfo")),
                memoryBytes,
                storage(rootDir),
                hugePages(Path.of("/").resolve(HugePages.DIRECTORY)));
    }

    /**
     * Returns what is allocatable for pods: the capacity without what is reserved or must stay
     * free. Memory that is reserved as huge pages is not available as memory. Source: the
     * Kubernetes page on reserving compute resources.
     *
     * @param freeMemory bytes that must stay free
     */
    public NodeCapacity allocatable(long reservedMilli, long reservedMemory, long reservedStorage, long freeMemory) {
        long inHugePages = 0;
        for (long bytes : hugePages.values()) {
            inHugePages += bytes;
        }
        return new NodeCapacity(
                Math.max(0, cpuMilli - reservedMilli),
                Math.max(0, memoryBytes - reservedMemory - freeMemory - inHugePages),
                Math.max(0, ephemeralStorageBytes - reservedStorage),
                hugePages);
    }

    /**
     * Counts the processors of the node, not those that the JVM may use because of its own cgroup
     * or affinity.
     */
    static int cpus(Path cpuinfo) {
        try {
            int cpus = 0;
            for (String line : Files.readAllLines(cpuinfo)) {
                cpus += line.startsWith("processor") ? 1 : 0;
            }
            return Math.max(1, cpus);
        } catch (IOException _) {
            return Runtime.getRuntime().availableProcessors();
        }
    }

    private static long storage(Path rootDir) {
        try {
            return Files.getFileStore(rootDir).getTotalSpace();
        } catch (IOException _) {
            return 0;
        }
    }

    static Map<String, Long> hugePages(Path directory) {
        Map<String, Long> pages = new TreeMap<>();
        for (long size : HugePages.bytes(directory)) {
            pages.put(HugePages.resource(size), HugePages.reserved(directory, size));
        }
        return pages;
    }
}
