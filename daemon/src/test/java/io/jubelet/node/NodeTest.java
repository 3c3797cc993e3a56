/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NodeTest {

    @TempDir
    Path dir;

    @Test
    void readsTheFactsOfThisNode() throws IOException {
        NodeFacts facts = NodeFacts.read();
        assertEquals(facts.hostName().strip().toLowerCase(java.util.Locale.ROOT), facts.hostName());
        assertTrue(facts.memoryBytes() > 1 << 20);
    }

    @Test
    void readsFactsFromTheKernelsFiles() throws IOException {
        write("proc/sys/kernel/hostname", "Node-A\n");
        write("proc/meminfo", "MemTotal:       1024 kB\nMemFree: 1 kB\n");
        write("proc/self/cgroup", "0::/system.slice/jubelet.service\n");
        write("sys/fs/cgroup/cgroup.controllers", "cpu memory\n");
        write("sys/fs/cgroup/system.slice/jubelet.service/memory.swap.max", "max\n");
        Files.createDirectories(dir.resolve("sys/devices/system/cpu/cpu1/thermal_throttle"));
        Files.createDirectories(dir.resolve("sys/devices/system/cpu/cpufreq/thermal_throttle"));
        Files.createDirectories(dir.resolve("sys/kernel/mm/hugepages/hugepages-1048576kB"));
        Files.createDirectories(dir.resolve("sys/kernel/mm/hugepages/hugepages-2048kB"));
        Files.createDirectories(dir.resolve("sys/kernel/mm/hugepages/hugepages-64kB"));
        assertEquals(
                new NodeFacts(
                        "node-a",
                        1 << 20,
                        true,
                        true,
                        List.of("/sys/devices/system/cpu/cpu1/thermal_throttle"),
                        List.of("64KB", "2MB", "1GB")),
                NodeFacts.read(dir));
    }

    @Test
    void readsNameResolution() throws IOException {
        assertEquals(
                new ResolvConf(
                        List.of("192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4"),
                        List.of("example.org", "example.com"),
                        List.of("ndots:3", "rotate")),
                ResolvConf.parse(List.of(
                        "# comment",
                        "nameserver 192.0.2.1",
                        "search old.example",
                        "nameserver\t192.0.2.2",
                        "nameserver 192.0.2.3",
                        "nameserver 192.0.2.4",
                        "  search example.org. . example.com",
                        "options ndots:2 rotate",
                        "options ndots:3",
                        "")));
        ResolvConfFile kept = new ResolvConfFile(dir.resolve("kept"));
        assertThrows(NoSuchFileException.class, kept::content);
        Files.writeString(dir.resolve("kept"), "nameserver 192.0.2.1\n");
        assertEquals(List.of("192.0.2.1"), kept.content().servers());
        assertSame(kept.content(), kept.content());
        Files.writeString(dir.resolve("new"), "nameserver 192.0.2.2\n");
        Files.setLastModifiedTime(dir.resolve("new"), Files.getLastModifiedTime(dir.resolve("kept")));
        Files.move(dir.resolve("new"), dir.resolve("kept"), StandardCopyOption.REPLACE_EXISTING);
        assertEquals(List.of("192.0.2.2"), kept.content().servers());
        Files.delete(dir.resolve("kept"));
        assertThrows(NoSuchFileException.class, kept::content);
    }

    @Test
    void allocatableExcludesReservations() throws IOException {
        write("huge/hugepages-2048kB/nr_hugepages", "512\n");
        write("huge/hugepages-1048576kB/nr_hugepages", "0\n");
        Map<String, Long> pages = NodeCapacity.hugePages(dir.resolve("huge"));
        assertEquals(Map.of("hugepages-2Mi", 1L << 30, "hugepages-1Gi", 0L), pages);
        NodeCapacity all = new NodeCapacity(4000, 8L << 30, 100L << 30, pages);
        assertEquals(
                new NodeCapacity(3500, (6L << 30) - (100 << 20), 99L << 30, pages),
                all.allocatable(500, 1L << 30, 1L << 30, 100 << 20));
        assertEquals(new NodeCapacity(0, 0, 0, pages), all.allocatable(5000, 9L << 30, 101L << 30, 100 << 20));
    }

    @Test
    void readsMountPointsInnermostFirst() throws IOException {
        Path mountinfo = dir.resolve("mountinfo");
        Files.writeString(mountinfo, """
            22 1 0:20 / / rw - ext4 /dev/vda rw
            30 22 0:30 / /a rw - tmpfs tmpfs rw
            31 30 0:31 / /a/with\\040blank rw - tmpfs tmpfs rw
            32 31 0:32 / /a/with\\040blank/in rw - tmpfs tmpfs rw
            33 22 0:33 / /ab rw - tmpfs tmpfs rw
            """);
        Mounts mounts = new Mounts(mountinfo);
        assertEquals(
                List.of(Path.of("/a/with blank/in"), Path.of("/a/with blank"), Path.of("/a")),
                mounts.within(Path.of("/a")));
        assertTrue(mounts.isMountPoint(Path.of("/ab")));
    }

    @Test
    void saysWhatIsNotMounted() {
        IOException failure = assertThrows(IOException.class, () -> new Mounts().unmount(dir, Path.of("absent")));
        assertTrue(failure.getMessage().contains("absent"), failure.getMessage());
    }

    @Test
    void readsFileTypesWithBothImplementations() throws Exception {
        Path link = Files.createSymbolicLink(dir.resolve("link"), Path.of("/dev/null"));
        Path fifo = dir.resolve("fifo");
        assertEquals(0, new ProcessBuilder("mkfifo", fifo.toString()).start().waitFor());
        Path socket = dir.resolve("socket");
        try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(UnixDomainSocketAddress.of(socket));
            Object[][] expected = {
                {dir, Posix.FileType.DIRECTORY},
                {Path.of("/dev/null"), Posix.FileType.CHARACTER_DEVICE},
                {link, Posix.FileType.CHARACTER_DEVICE},
                {fifo, Posix.FileType.FIFO},
                {socket, Posix.FileType.SOCKET},
                {Files.createFile(dir.resolve("file")), Posix.FileType.REGULAR}
            };
            for (Object[] row : expected) {
                Path path = (Path) row[0];
                assertEquals(row[1], Posix.fileType(path));
                assertEquals((int) Files.getAttribute(path, "unix:mode"), Posix.Jnr.mode(path, true));
            }
        }
        assertEquals(Posix.FileType.SYMBOLIC_LINK, Posix.linkType(link));
        assertEquals(0120000, Posix.Jnr.mode(link, false) & 0170000);
        assertThrows(NoSuchFileException.class, () -> Posix.fileType(dir.resolve("absent")));
        assertThrows(NoSuchFileException.class, () -> Posix.Jnr.mode(dir.resolve("absent"), true));
    }

    private void write(String file, String text) throws IOException {
        Path path = dir.resolve(file);
        Files.createDirectories(path.getParent());
        Files.writeString(path, text);
    }
}
