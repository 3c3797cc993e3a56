package io.jubelet.node;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What the node has left of what runs out, by the names of the kubelet's eviction signals. Blocks for some small files and a
 * question to each file system.
 *
 * <p>Source: the Kubernetes page on node-pressure eviction, for what counts as available memory.
 */
public final class NodeSignals {

    /**
     * One signal.
     *
     * @param name such as {@code memory.available}
     * @param available in bytes, inodes or processes
     * @param capacity all that there is
     */
    public record Signal(String name, long available, long capacity) {}

    private final Path proc;
    private final Path rootDir;

    /** @param rootDir on the disk of pods' directories */
    public NodeSignals(Path rootDir) {
        this(Path.of("/proc"), rootDir);
    }

    NodeSignals(Path proc, Path rootDir) {
        this.proc = proc;
        this.rootDir = rootDir;
    }

    /**
     * Measures; what cannot be read is left out.
     *
     * @param images on the disk of the images, where that is known
     */
    public List<Signal> measure(Optional<Path> images) {
        List<Signal> signals = new ArrayList<>();
        memory(signals);
        processes(signals);
        disk("nodefs", rootDir, signals);
        images.ifPresent(directory -> disk("imagefs", directory, signals));
        return signals;
    }

    /** As the kubelet counts: pages of files that were not used lately can be had back at once, others cannot. */
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

    /** Of kilobytes, between a name and their unit. */
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
            // Not known here; nothing is said of it.
        }
    }

    private long number(String file) throws IOException {
        return Long.parseLong(line(file).strip());
    }

    /**
     * The first line of a file. It is read with a buffer: the kernel gives a number below {@code /proc/sys} to the first read
     * alone, and that of {@link Files#readString} is of one byte when a file says that it is empty.
     */
    private String line(String file) throws IOException {
        try (BufferedReader reader = Files.newBufferedReader(proc.resolve(file))) {
            String line = reader.readLine();
            return line == null ? "" : line;
        }
    }

    private static void disk(String name, Path directory, List<Signal> signals) {
        try {
            FileStore store = Files.getFileStore(directory);
            signals.add(new Signal(name + ".available", store.getUsableSpace(), store.getTotalSpace()));
            LinuxFileCalls.Inodes inodes = LinuxFileCalls.inodes(directory);
            if (inodes.all() > 0) {
                signals.add(new Signal(name + ".inodesFree", inodes.free(), inodes.all()));
            }
        } catch (IOException _) {
            // No such directory yet; nothing is said of it.
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
