/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cgroup;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Reads what a cgroup uses, from cgroup v1 or v2. Paths start at the root of the file system with a slash. What the kernel
 * does not report, or reports no longer because the cgroup was removed meanwhile, is empty.
 *
 * <p>Safe for use by many threads. Only requests for usage load this class.
 */
public final class CgroupUsage {

    private static final long NANOS_PER_MICRO = 1000;

    /** Limits from here on mean that there is no limit: the kernel rounds the largest number to a page. */
    private static final long NO_LIMIT = 1L << 62;

    /** The longest file that is read, in bytes. The statistics of memory have about 2,000. */
    private static final int MAX_FILE = 64 * 1024;

    private final Path root;
    private final boolean v2;

    /**
     * The memory of a cgroup and those below it, in bytes.
     *
     * @param usage all of it
     * @param workingSet all but the pages of files that were not used lately
     * @param rss anonymous memory
     * @param limit empty if there is none
     * @param pageFaults how many page faults there were
     * @param majorPageFaults how many of them needed the disk
     */
    public record Memory(
            long usage, long workingSet, long rss, OptionalLong limit, long pageFaults, long majorPageFaults) {
        public Memory {
            Objects.requireNonNull(limit, "limit");
        }
    }

    /**
     * The swap space of a cgroup and those below it, in bytes.
     *
     * @param limit empty if there is none, or if it is unknown
     */
    public record Swap(long usage, OptionalLong limit) {
        public Swap {
            Objects.requireNonNull(limit, "limit");
        }
    }

    /**
     * Pressure stall information of one resource.
     *
     * @param some while at least one task was stalled
     * @param full while all tasks were stalled
     */
    public record Pressure(Stall some, Stall full) {
        public Pressure {
            Objects.requireNonNull(some, "some");
            Objects.requireNonNull(full, "full");
        }
    }

    /**
     * How long tasks were stalled.
     *
     * @param totalMicros since the cgroup was made, in microseconds
     * @param avg10 in percent of the last 10 s
     * @param avg60 in percent of the last 60 s
     * @param avg300 in percent of the last 300 s
     */
    public record Stall(long totalMicros, double avg10, double avg60, double avg300) {

        /** No stall. */
        public static final Stall NONE = new Stall(0, 0, 0, 0);
    }

    private CgroupUsage(Path root, boolean v2) {
        this.root = root;
        this.v2 = v2;
    }

    /** The cgroups below a directory, such as {@link CgroupTree#ROOT}. */
    public static CgroupUsage at(Path root) {
        return new CgroupUsage(root, Files.exists(root.resolve("cgroup.controllers")));
    }

    /** The version of the cgroups: 1 or 2. */
    public int version() {
        return v2 ? 2 : 1;
    }

    /** The cgroup of a container, by that of its pod and its ID; empty if it has none. */
    public Optional<String> container(String podPath, String id) {
        for (String name : PodCgroups.containerNames(id)) {
            if (Files.isDirectory(file("memory", podPath + name, ""))) {
                return Optional.of(podPath + name);
            }
        }
        return Optional.empty();
    }

    /** The CPU time of all cores since the cgroup was made, in nanoseconds. */
    public OptionalLong cpuNanos(String path) {
        if (!v2) {
            return number(file("cpuacct", path, "cpuacct.usage"));
        }
        Long micros = table(file("cpu", path, "cpu.stat")).get("usage_usec");
        return micros == null ? OptionalLong.empty() : OptionalLong.of(micros * NANOS_PER_MICRO);
    }

    /** The memory; empty for the root of cgroup v2, for which the kernel does not count it. */
    public Optional<Memory> memory(String path) {
        OptionalLong usage = number(file("memory", path, v2 ? "memory.current" : "memory.usage_in_bytes"));
        if (usage.isEmpty()) {
            return Optional.empty();
        }
        Map<String, Long> table = memoryTable(path);
        String prefix = v2 ? "" : "total_";
        long inactive = table.getOrDefault(prefix + "inactive_file", 0L);
        return Optional.of(new Memory(
                usage.getAsLong(),
                Math.max(0, usage.getAsLong() - inactive),
                table.getOrDefault(v2 ? "anon" : "total_rss", 0L),
                limit(file("memory", path, v2 ? "memory.max" : "memory.limit_in_bytes")),
                table.getOrDefault(prefix + "pgfault", 0L),
                table.getOrDefault(prefix + "pgmajfault", 0L)));
    }

    /** The statistics of the memory of a cgroup and those below it by the kernel's names; empty if there are none. */
    public Map<String, Long> memoryTable(String path) {
        return table(file("memory", path, "memory.stat"));
    }

    /** The swap space; empty if the kernel does not count it. */
    public Optional<Swap> swap(String path) {
        if (v2) {
            OptionalLong usage = number(file("memory", path, "memory.swap.current"));
            return usage.isEmpty()
                    ? Optional.empty()
                    : Optional.of(new Swap(usage.getAsLong(), limit(file("memory", path, "memory.swap.max"))));
        }
        Long usage = memoryTable(path).get("total_swap");
        return usage == null ? Optional.empty() : Optional.of(new Swap(usage, swapLimitV1(path)));
    }

    /** Cgroup v1 limits the sum of memory and swap space. */
    private OptionalLong swapLimitV1(String path) {
        OptionalLong both = limit(file("memory", path, "memory.memsw.limit_in_bytes"));
        OptionalLong memory = limit(file("memory", path, "memory.limit_in_bytes"));
        return both.isPresent() && memory.isPresent()
                ? OptionalLong.of(Math.max(0, both.getAsLong() - memory.getAsLong()))
                : OptionalLong.empty();
    }

    /**
     * The pressure; empty with cgroup v1, or if the kernel was started without it.
     *
     * @param resource {@code cpu}, {@code memory} or {@code io}
     */
    public Optional<Pressure> pressure(String path, String resource) {
        return v2 ? pressure(file(resource, path, resource + ".pressure")) : Optional.empty();
    }

    /** The pressure that a file of the kernel shows, such as {@code /proc/pressure/cpu}; empty if there is none. */
    public static Optional<Pressure> pressure(Path file) {
        Optional<Stall> some = Optional.empty();
        Optional<Stall> full = Optional.empty();
        for (String line : read(file).lines().toList()) {
            if (line.startsWith("some ")) {
                some = stall(line);
            } else if (line.startsWith("full ")) {
                full = stall(line);
            }
        }
        return some.isEmpty() ? Optional.empty() : Optional.of(new Pressure(some.get(), full.orElse(Stall.NONE)));
    }

    /** Parses a line such as {@code some avg10=0.12 avg60=0.05 avg300=0.01 total=1234}. */
    private static Optional<Stall> stall(String line) {
        Map<String, String> values = new HashMap<>();
        for (String word : line.split(" ")) {
            int equals = word.indexOf('=');
            if (equals > 0) {
                values.put(word.substring(0, equals), word.substring(equals + 1));
            }
        }
        try {
            return Optional.of(new Stall(
                    Long.parseLong(values.getOrDefault("total", "0")),
                    Double.parseDouble(values.getOrDefault("avg10", "0")),
                    Double.parseDouble(values.getOrDefault("avg60", "0")),
                    Double.parseDouble(values.getOrDefault("avg300", "0"))));
        } catch (NumberFormatException _) {
            return Optional.empty(); // a kernel with another format
        }
    }

    private Path file(String controller, String path, String name) {
        Path hierarchy = v2 ? root : root.resolve(controller);
        return hierarchy.resolve(path.substring(1)).resolve(name);
    }

    private static OptionalLong number(Path file) {
        try {
            return OptionalLong.of(Long.parseLong(read(file).strip()));
        } catch (NumberFormatException _) {
            return OptionalLong.empty(); // there is no such file, or it contains a word
        }
    }

    private static OptionalLong limit(Path file) {
        OptionalLong value = number(file);
        return value.isPresent() && value.getAsLong() < NO_LIMIT ? value : OptionalLong.empty();
    }

    private static Map<String, Long> table(Path file) {
        Map<String, Long> table = new HashMap<>();
        for (String line : read(file).lines().toList()) {
            int space = line.indexOf(' ');
            try {
                if (space > 0) {
                    table.put(
                            line.substring(0, space),
                            Long.parseLong(line.substring(space + 1).strip()));
                }
            } catch (NumberFormatException _) {
                // Not a counter; the others are read.
            }
        }
        return table;
    }

    /** The content of a file; empty if it cannot be read, because the runtime can remove a cgroup at any time. */
    private static String read(Path file) {
        try (InputStream in = Files.newInputStream(file)) {
            return new String(in.readNBytes(MAX_FILE), StandardCharsets.ISO_8859_1);
        } catch (IOException _) {
            return "";
        }
    }
}
