package io.jubelet.node;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What the node has to give: what a container without a limit may take.
 *
 * @param cpus processors that are online, at least one
 * @param memoryBytes all memory, 0 when unknown
 * @param ephemeralStorageBytes the size of the disk that holds the daemon's directory, 0 when unknown
 */
public record NodeCapacity(int cpus, long memoryBytes, long ephemeralStorageBytes) {

    /** Reads it; blocks for two small files. What cannot be read is unknown, never an error. */
    public static NodeCapacity read(long memoryBytes, Path rootDir) {
        return new NodeCapacity(cpus(Path.of("/proc/cpuinfo")), memoryBytes, storage(rootDir));
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
}
