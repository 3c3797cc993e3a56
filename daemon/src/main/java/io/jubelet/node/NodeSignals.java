/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.node;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Measures what can run out on the node, by the names of the eviction signals of the kubelet.
 * Blocks for some small files and a query to each file system.
 *
 * <p>Source: the Kubernetes page on node-pressure eviction, for what counts as available memory.
 */
public final class NodeSignals {

    /**
     * One signal.
     *
     * @param name such as {@code memory.available}
     * @param available in bytes, inodes or processes
     * @param capacity the total
     */
    public record Signal(String name, long available, long capacity) {}

    private final Path proc;
    private final Path rootDir;

    /** @param rootDir a directory on the disk of the directories of pods */
    public NodeSignals(Path rootDir) {
        this(Path.of("/proc"), rootDir);
    }

    NodeSignals(Path proc, Path rootDir) {
        this.proc = proc;
        this.rootDir = rootDir;
    }

    /**
     * Measures all signals; those that cannot be read are left out.
     *
     * @param images a directory on the disk of the images, if known
     */
    public List<Signal> measure(Optional<Path> images) {
        List<Signal> signals = new ArrayList<>();
        memory(signals);
        processes(signals);
        disk("nodefs", rootDir, signals);
        images.ifPresent(directory -> disk("imagefs", directory, signals));
        return signals;
    }

    /** As in the kubelet, memory of file pages that were not used lately counts as available. */
    private void memory(List<Signal> signals) {
        long total = 0;
        long free = 0;
        long inactive = 0;
        for (String line : lines("meminfo")) {
            if (line.startsWith("MemTotal:")) {
                total = bytes(line);
            } else if (line.startsWith("MemFree:")) {
                free = bytes(line);
            } else if (line.startsWith("Inactive(file):")) {
                inactive = bytes(line);
            }
        }
        if (total > 0) {
            signals.add(new Signal("memory.available", free + inactive, total));
        }
    }

    /** Parses a line of a name, an amount in kilobytes and its unit. */
    private static long bytes(String line) {
        String[] words = line.split("\\s+");
        return words.length < 2 ? 0 : Long.parseLong(words[1]) * 1024;
    }

    private void processes(List<Signal> signals) {
        try {
            long most = Math.min(number("sys/kernel/pid_max"), number("sys/kernel/threads-max"));
            String load = line("loadavg");
            int slash = load.indexOf('/');
            long running = Long.parseLong(load.substring(slash + 1, load.indexOf(' ', slash)));
            signals.add(new Signal("pid.available", most - running, most));
        } catch (IOException | NumberFormatException | IndexOutOfBoundsException _) {
            // The signal is not known on this node and is left out.
        }
    }

    private long number(String file) throws IOException {
        return Long.parseLong(line(file).strip());
    }

    /**
     * The first line of a file. It is read with a buffer: below {@code /proc/sys} the kernel
     * returns a number only to the first read, and {@link Files#readString} first reads one byte of
     * a file whose size is zero.
     */
    private String line(String file) throws IOException {
        try (BufferedReader reader = Files.newBufferedReader(proc.resolve(file))) {
            String line = reader.readLine();
            return line == null ? "" : line;
        }
    }

    private static void disk(String name, Path directory, List<Signal> signals) {
        try {
            FileSystemSize size = FileSystemSize.of(directory);
            signals.add(new Signal(name + ".available", size.available(), size.capacity()));
            if (size.inodes() > 0) {
                signals.add(new Signal(name + ".inodesFree", size.freeInodes(), size.inodes()));
            }
        } catch (IOException _) {
            // The directory does not exist yet; its signals are left out.
        }
    }

    private List<String> lines(String file) {
        try {
            return Files.readAllLines(proc.resolve(file));
        } catch (IOException _) {
            return List.of();
        }
    }
}
