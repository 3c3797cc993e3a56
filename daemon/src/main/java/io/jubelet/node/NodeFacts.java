/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.node;

import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * The facts about the node that the daemon needs, read from files of the kernel without using the
 * network.
 *
 * @param hostName in lower case
 * @param memoryBytes all memory of the node; 0 if unknown
 * @param cgroupV2 whether only cgroup v2 is in use
 * @param swapLimits whether the kernel can limit swap for each cgroup
 * @param thermalThrottlePaths files of the processors that containers must not read
 * @param hugePageSizes the sizes that the kernel supports, as cgroups name them, such as {@code
 *     2MB}
 */
public record NodeFacts(
        String hostName,
        long memoryBytes,
        boolean cgroupV2,
        boolean swapLimits,
        List<String> thermalThrottlePaths,
        List<String> hugePageSizes) {

    public NodeFacts {
        Objects.requireNonNull(hostName, "hostName");
        thermalThrottlePaths = List.copyOf(thermalThrottlePaths);
        hugePageSizes = List.copyOf(hugePageSizes);
    }

    /**
     * Reads the facts. Except for the host name, a fact that cannot be read is unknown and not an
     * error.
     */
    public static NodeFacts read() throws IOException {
        return read(Path.of("/"));
    }

    /** As {@link #read()}, with the files of the kernel below another directory. */
    static NodeFacts read(Path root) throws IOException {
        Path cgroup = root.resolve("sys/fs/cgroup");
        boolean v2 = Files.exists(cgroup.resolve("cgroup.controllers"));
        return new NodeFacts(
                readHostName(root),
                memory(root.resolve("proc/meminfo")),
                v2,
                v2 ? swapV2(root, cgroup) : Files.exists(cgroup.resolve("memory/memory.memsw.limit_in_bytes")),
                thermalThrottlePaths(root),
                HugePages.sizes(root.resolve(HugePages.DIRECTORY)));
    }

    /** The host's name in lower case. */
    public static String readHostName() throws IOException {
        return readHostName(Path.of("/"));
    }

    private static String readHostName(Path root) throws IOException {
        return Files.readString(root.resolve("proc/sys/kernel/hostname"))
                .strip()
                .toLowerCase(Locale.ROOT);
    }

    private static long memory(Path meminfo) {
        for (String line : lines(meminfo)) {
            if (line.startsWith("MemTotal:")) {
                return Long.parseLong(line.replaceAll("\\D", "")) * 1024;
            }
        }
        return 0;
    }

    /**
     * The root cgroup has no such file. The cgroup of this process has one if the controller is
     * enabled.
     */
    private static boolean swapV2(Path root, Path cgroup) {
        return lines(root.resolve("proc/self/cgroup")).stream()
                .filter(line -> line.startsWith("0::/"))
                .anyMatch(line -> Files.exists(cgroup.resolve(line.substring(4)).resolve("memory.swap.max")));
    }

    private static List<String> thermalThrottlePaths(Path root) {
        try (Stream<Path> cpus = Files.list(root.resolve("sys/devices/system/cpu"))) {
            return cpus.filter(cpu -> cpu.getFileName().toString().matches("cpu\\d+"))
                    .map(cpu -> cpu.resolve("thermal_throttle"))
                    .filter(Files::isDirectory)
                    .map(path -> "/" + root.relativize(path))
                    .sorted()
                    .toList();
        } catch (IOException _) {
            return List.of();
        }
    }

    /**
     * The text of an address as the rest of a cluster writes it; for IPv6, the short form of RFC
     * 5952.
     */
    public static String text(InetAddress address) {
        if (!(address instanceof Inet6Address)) {
            return address.getHostAddress();
        }
        byte[] bytes = address.getAddress();
        int[] groups = new int[8];
        for (int i = 0; i < groups.length; i++) {
            groups[i] = ((bytes[2 * i] & 0xff) << 8) | (bytes[2 * i + 1] & 0xff);
        }
        int from = 0;
        int length = 1; // a single zero group is written
        for (int start = 0; start < groups.length; start++) {
            int end = start;
            while (end < groups.length && groups[end] == 0) {
                end++;
            }
            if (end - start > length) {
                from = start;
                length = end - start;
            }
        }
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < groups.length; i++) {
            if (length > 1 && i == from) {
                text.append("::");
                i += length - 1;
            } else {
                text.append(text.isEmpty() || text.charAt(text.length() - 1) == ':' ? "" : ":")
                        .append(Integer.toHexString(groups[i]));
            }
        }
        return text.toString();
    }

    static List<String> lines(Path file) {
        try {
            return Files.readAllLines(file);
        } catch (IOException _) {
            return List.of();
        }
    }
}
