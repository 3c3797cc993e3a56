package io.jubelet.node;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/**
 * What the node has to give: all of it, or what is left for pods. Amounts of which nothing is known are 0.
 *
 * @param cpuMilli thousandths of processors that are online
 * @param memoryBytes all memory
 * @param ephemeralStorageBytes the size of the disk that holds the daemon's directory
 * @param hugePages bytes set aside, by resource such as {@code hugepages-2Mi}, of each size that the kernel has
 */
public record NodeCapacity(long cpuMilli, long memoryBytes, long ephemeralStorageBytes, Map<String, Long> hugePages) {

    public NodeCapacity {
        hugePages = Map.copyOf(hugePages);
    }

    /** Reads it; blocks for some small files. What cannot be read is unknown, never an error. */
    public static NodeCapacity read(long memoryBytes, Path rootDir) {
        return new NodeCapacity(
                1000L * cpus(Path.of("/proc/cpuinfo")),
                memoryBytes,
                storage(rootDir),
                hugePages(Path.of("/").resolve(HugePages.DIRECTORY)));
    }

    /**
     * What is left for pods: what is not reserved and need not stay free; memory that is set aside as huge pages is not to
     * be had as memory. Source: the Kubernetes page on reserving compute resources.
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

    /** Not what the JVM may use: its own cgroup or affinity says nothing about the node. */
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
