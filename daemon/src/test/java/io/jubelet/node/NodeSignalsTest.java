/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.node.NodeSignals.Signal;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NodeSignalsTest {

    @TempDir
    private Path proc;

    @Test
    void inactiveFilePagesAreAvailableMemory() throws Exception {
        Files.writeString(proc.resolve("meminfo"), """
            MemTotal:       1000 kB
            MemFree:         200 kB
            MemAvailable:    700 kB
            Active(file):    400 kB
            Inactive(file):  100 kB
            """);
        Files.writeString(proc.resolve("loadavg"), "0.20 0.18 0.12 1/80 11206\n");
        Path kernel = Files.createDirectories(proc.resolve("sys/kernel"));
        Files.writeString(kernel.resolve("pid_max"), "4194304\n");
        Files.writeString(kernel.resolve("threads-max"), "1000\n");
        List<Signal> signals = new NodeSignals(proc, proc.resolve("nowhere")).measure(Optional.empty());
        assertEquals(
                List.of(
                        new Signal("memory.available", 300 * 1024, 1000 * 1024),
                        new Signal("pid.available", 920, 1000)),
                signals);
    }

    @Test
    void omitsUnreadableSignals() {
        List<Signal> signals = new NodeSignals(proc, proc).measure(Optional.of(proc));
        assertEquals(
                List.of("nodefs.available", "nodefs.inodesFree", "imagefs.available", "imagefs.inodesFree"),
                signals.stream().map(Signal::name).toList());
        assertTrue(signals.getFirst().available() <= signals.getFirst().capacity());
    }

    @Test
    void pidLimitIsThatOfKernel() throws Exception {
        long most = Long.MAX_VALUE;
        for (String limit : List.of("pid_max", "threads-max")) {
            Process cat = new ProcessBuilder("cat", "/proc/sys/kernel/" + limit).start();
            String text = new String(cat.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            most = Math.min(most, Long.parseLong(text.strip()));
        }
        Signal processes = signal("pid.available", new NodeSignals(proc).measure(Optional.empty()));
        assertEquals(most, processes.capacity());
        assertTrue(processes.available() > 0 && processes.available() < most, processes::toString);
    }

    private static Signal signal(String name, List<Signal> signals) {
        return signals.stream()
                .filter(signal -> signal.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    /** The kernel is asked by a call of the C library, whose structure is laid out by hand. */
    @Test
    void readsInodesOfFileSystem() throws Exception {
        Process df = new ProcessBuilder("df", "--output=itotal,iavail", proc.toString()).start();
        String[] words = new String(df.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
                .lines()
                .skip(1)
                .findFirst()
                .orElseThrow()
                .strip()
                .split("\\s+");
        Signal inodes = signal("nodefs.inodesFree", new NodeSignals(proc, proc).measure(Optional.empty()));
        assertEquals(Long.parseLong(words[0]), inodes.capacity());
        // Others make files meanwhile.
        assertEquals(Long.parseLong(words[1]), inodes.available(), 100_000);
    }

    /** Such as btrfs, which makes them as it needs them. */
    @Test
    void omitsInodesOfFileSystemWithoutThem() {
        List<Signal> signals = new NodeSignals(proc, Path.of("/proc")).measure(Optional.empty());
        assertEquals(
                List.of(),
                signals.stream()
                        .filter(signal -> signal.name().equals("nodefs.inodesFree"))
                        .toList());
    }

    @ParameterizedTest
    @CsvSource({
        "192.0.2.7, 192.0.2.7",
        "2001:db8:0:0:0:0:0:7, 2001:db8::7",
        "2001:db8:0:1:1:1:1:1, 2001:db8:0:1:1:1:1:1",
        "0:0:0:0:0:0:0:1, ::1",
        "fe80:0:0:0:0:0:0:0, fe80::",
        "1:0:0:2:0:0:0:3, 1:0:0:2::3",
        "1:0:0:2:3:0:0:4, 1::2:3:0:0:4"
    })
    void writesAddressesInShortForm(String address, String expected) {
        assertEquals(expected, NodeFacts.text(InetAddress.ofLiteral(address)));
    }
}
