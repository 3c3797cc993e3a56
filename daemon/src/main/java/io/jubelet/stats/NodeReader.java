/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.stats;

import io.jubelet.cgroup.CgroupUsage;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Reads what the node itself uses, from {@code /proc} and its cgroups. Blocks for some small files. What cannot be read is
 * empty. Safe for use by many threads.
 */
public final class NodeReader {

    private static final String ROOT = "/";
    private static final long NANOS_PER_TICK = 10_000_000;
    private static final int MAX_FILE = 1 << 20;

    /** Source: cAdvisor, which does not count the traffic of containers twice. */
    private static final List<String> IGNORED_INTERFACES = List.of("lo", "veth", "docker", "nerdctl");

    private final Path proc;
    private final CgroupUsage cgroups;
    private final InstantSource clock;

    /**
     * @param proc {@code /proc}
     * @param clock the wall clock
     */
    public NodeReader(Path proc, CgroupUsage cgroups, InstantSource clock) {
        this.proc = Objects.requireNonNull(proc, "proc");
        this.cgroups = Objects.requireNonNull(cgroups, "cgroups");
        this.clock = Objects.requireNonNull(clock, "clock");
    }

    /** When the node was booted; the epoch if that is unknown. */
    Instant bootTime() {
        for (String line : read("stat").lines().toList()) {
            if (line.startsWith("btime ")) {
                return Instant.ofEpochSecond(parse(line.substring(6)).orElse(0));
            }
        }
        return Instant.EPOCH;
    }

    /** What the whole node uses. */
    Usage usage() {
        Instant now = clock.instant();
        Map<String, Long> memory = memoryInfo();
        return new Usage(
                Optional.of(new Usage.Cpu(now, OptionalLong.empty(), cpuNanos(), pressure("cpu"))),
                memory(now, memory),
                swap(now, memory),
                Optional.of(new Usage.Io(now, pressure("io"))));
    }

    private OptionalLong cpuNanos() {
        OptionalLong counted = cgroups.cpuNanos(ROOT);
        if (counted.isPresent()) {
            return counted;
        }
        String[] words = read("stat").lines().findFirst().orElse("").split(" +");
        long ticks = 0;
        for (int i = 1; i < Math.min(words.length, 8); i++) {
            boolean idle = i == 4 || i == 5; // idle, iowait
            ticks += idle ? 0 : parse(words[i]).orElse(0);
        }
        return ticks == 0 ? OptionalLong.empty() : OptionalLong.of(ticks * NANOS_PER_TICK);
    }

    private Optional<Usage.Memory> memory(Instant now, Map<String, Long> info) {
        Long total = info.get("MemTotal");
        Long free = info.get("MemFree");
        if (total == null || free == null) {
            return Optional.empty();
        }
        Map<String, Long> table = cgroups.memoryTable(ROOT);
        boolean v1 = cgroups.version() == 1;
        Optional<CgroupUsage.Memory> counted = v1 ? cgroups.memory(ROOT) : Optional.empty();
        long usage = counted.map(CgroupUsage.Memory::usage).orElse(total - free);
        long workingSet = counted.map(CgroupUsage.Memory::workingSet)
                .orElse(Math.max(
                        0, usage - table.getOrDefault("inactive_file", info.getOrDefault("Inactive(file)", 0L))));
        return Optional.of(new Usage.Memory(
                now,
                OptionalLong.of(Math.max(0, total - workingSet)),
                OptionalLong.of(usage),
                OptionalLong.of(workingSet),
                OptionalLong.of(table.getOrDefault(v1 ? "total_rss" : "anon", info.getOrDefault("AnonPages", 0L))),
                new Usage.PageFaults(
                        value(table, v1 ? "total_pgfault" : "pgfault"),
                        value(table, v1 ? "total_pgmajfault" : "pgmajfault")),
                pressure("memory")));
    }

    private static OptionalLong value(Map<String, Long> table, String key) {
        Long value = table.get(key);
        return value == null ? OptionalLong.empty() : OptionalLong.of(value);
    }

    private static Optional<Usage.Swap> swap(Instant now, Map<String, Long> info) {
        Long total = info.get("SwapTotal");
        Long free = info.get("SwapFree");
        return total == null || free == null
                ? Optional.empty()
                : Optional.of(new Usage.Swap(now, OptionalLong.of(free), OptionalLong.of(total - free)));
    }

    private Optional<CgroupUsage.Pressure> pressure(String resource) {
        return CgroupUsage.pressure(proc.resolve("pressure").resolve(resource));
    }

    /** The traffic of the node's own interfaces. */
    Optional<Summary.Network> network() {
        List<Summary.Interface> interfaces = new ArrayList<>();
        String main = mainInterface();
        Optional<Summary.Interface> first = Optional.empty();
        for (String line : read("net/dev").lines().toList()) {
            int colon = line.indexOf(':');
            String name = colon < 0 ? "" : line.substring(0, colon).strip();
            if (name.isEmpty() || IGNORED_INTERFACES.stream().anyMatch(name::startsWith)) {
                continue;
            }
            String[] words = line.substring(colon + 1).strip().split(" +");
            if (words.length >= 11) {
                Summary.Interface each = new Summary.Interface(
                        name, parse(words[0]), parse(words[2]), parse(words[8]), parse(words[10]));
                interfaces.add(each);
                first = name.equals(main) ? Optional.of(each) : first;
            }
        }
        return interfaces.isEmpty()
                ? Optional.empty()
                : Optional.of(new Summary.Network(clock.instant(), first, interfaces));
    }

    /** The interface of the default route with the lowest metric; as in the kubelet, eth0 if there is none. */
    private String mainInterface() {
        String best = "eth0";
        long lowest = Long.MAX_VALUE;
        for (String line : read("net/route").lines().skip(1).toList()) {
            String[] words = line.strip().split("\\s+");
            if (words.length > 7 && words[1].equals("00000000") && words[7].equals("00000000")) {
                long metric = parse(words[6]).orElse(0);
                best = metric < lowest ? words[0] : best;
                lowest = Math.min(lowest, metric);
            }
        }
        return best;
    }

    /** How many processes there are, threads included, and how many there can be. */
    Optional<Summary.Processes> processes() {
        OptionalLong most = parse(read("sys/kernel/pid_max").strip());
        OptionalLong threads = parse(read("sys/kernel/threads-max").strip());
        String load = read("loadavg");
        int slash = load.indexOf('/');
        int space = load.indexOf(' ', Math.max(0, slash));
        if (most.isEmpty() || threads.isEmpty() || slash < 0 || space < 0) {
            return Optional.empty();
        }
        OptionalLong running = parse(load.substring(slash + 1, space));
        return running.isEmpty()
                ? Optional.empty()
                : Optional.of(new Summary.Processes(
                        clock.instant(), Math.min(most.getAsLong(), threads.getAsLong()), running.getAsLong()));
    }

    /** The cgroup of this process; empty if that is the root, which is the node. */
    Optional<String> ownCgroup() {
        for (String line : read("self/cgroup").lines().toList()) {
            boolean found = cgroups.version() == 2 ? line.startsWith("0::") : line.contains(":memory:");
            String path = line.substring(line.lastIndexOf(':') + 1);
            if (found && !path.equals(ROOT) && !path.startsWith("/..")) {
                return Optional.of(path);
            }
        }
        return Optional.empty();
    }

    /** When this process was started. */
    Instant ownStart() {
        return ProcessHandle.current()
                .info()
                .startInstant()
                .orElse(clock.instant().minus(Duration.ofNanos(1)));
    }

    private Map<String, Long> memoryInfo() {
        Map<String, Long> info = new HashMap<>();
        for (String line : read("meminfo").lines().toList()) {
            int colon = line.indexOf(':');
            if (colon > 0 && line.endsWith(" kB")) {
                parse(line.substring(colon + 1, line.length() - 3).strip())
                        .ifPresent(kilobytes -> info.put(line.substring(0, colon), kilobytes * 1024));
            }
        }
        return info;
    }

    private static OptionalLong parse(String number) {
        try {
            return OptionalLong.of(Long.parseLong(number.strip()));
        } catch (NumberFormatException _) {
            return OptionalLong.empty();
        }
    }

    /** Reads with a large buffer, because below {@code /proc/sys} the kernel returns a number only to the first read. */
    private String read(String file) {
        try (InputStream in = Files.newInputStream(proc.resolve(file))) {
            return new String(in.readNBytes(MAX_FILE), StandardCharsets.ISO_8859_1);
        } catch (IOException _) {
            return "";
        }
    }
}
