/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.volume;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.node.Mounts;
import io.jubelet.node.SafeDirectory;
import io.jubelet.pod.Bytes;
import io.jubelet.pod.PodSecurity;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AtomicDirectoryTest {

    private static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");

    @TempDir
    private Path root;

    private Path volume;
    private SafeDirectory opened;
    private AtomicDirectory directory;

    @BeforeEach
    void make() throws IOException {
        volume = Files.createDirectory(root.resolve("volume"));
        opened = SafeDirectory.open(root, "volume");
        directory = new AtomicDirectory(opened, PodSecurity.NONE, new Mounts());
    }

    @AfterEach
    void close() {
        opened.close();
    }

    private static ProjectedFile file(String text) {
        return new ProjectedFile(Bytes.of(text), 0644);
    }

    private List<String> names() throws IOException {
        try (Stream<Path> entries = Files.list(volume)) {
            return entries.map(entry -> entry.getFileName().toString()).sorted().toList();
        }
    }

    private String data() throws IOException {
        return Files.readSymbolicLink(volume.resolve("..data")).toString();
    }

    @Test
    void theLayoutIsThatOfTheKubelet() throws IOException {
        assertFalse(directory.written());
        assertTrue(directory.write(Map.of("a", file("1"), "sub/dir/b", new ProjectedFile(Bytes.of("2"), 0400)), NOW));

        assertTrue(directory.written());
        String data = data();
        assertTrue(data.matches("\\.\\.2026_01_02_03_04_05\\.\\d+"), data);
        assertEquals(List.of("..data", data, "a", "sub").stream().sorted().toList(), names());
        assertEquals("..data/a", Files.readSymbolicLink(volume.resolve("a")).toString());
        assertEquals("..data/sub", Files.readSymbolicLink(volume.resolve("sub")).toString());
        assertEquals("2", Files.readString(volume.resolve("sub/dir/b")));
        assertEquals("r--------", mode("sub/dir/b"));
        assertEquals("rw-r--r--", mode("a"));
        assertEquals("rwxr-xr-x", mode("sub"));
        assertEquals("rwxr-xr-x", mode(data));
    }

    private String mode(String path) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(volume.resolve(path)));
    }

    @Test
    void doesNotWriteEqualContentAgain() throws IOException {
        directory.write(Map.of("a", file("1"), "b/c", file("2")), NOW);
        String before = data();
        assertFalse(directory.write(Map.of("a", file("1"), "b/c", file("2")), NOW.plusSeconds(60)));
        assertEquals(before, data());
        assertTrue(directory.write(Map.of("a", new ProjectedFile(Bytes.of("1"), 0600), "b/c", file("2")), NOW));
        assertEquals("rw-------", mode("a"), "another mode is a change, too");
    }

    @Test
    void addsAndRemovesKeys() throws IOException {
        directory.write(Map.of("a", file("1"), "b/c", file("2")), NOW);
        assertTrue(directory.write(Map.of("b/d", file("3"), "e", file("4")), NOW.plusSeconds(1)));
        assertEquals(List.of("..data", data(), "b", "e").stream().sorted().toList(), names());
        assertFalse(Files.exists(volume.resolve("b/c")));
        assertEquals("3", Files.readString(volume.resolve("b/d")));
        assertTrue(directory.write(Map.of(), NOW.plusSeconds(2)));
        assertEquals(List.of("..data", data()).stream().sorted().toList(), names());
    }

    @Test
    void removesWhatAKilledUpdateHasLeft() throws IOException {
        directory.write(Map.of("a", file("1")), NOW);
        Path left = Files.createDirectory(volume.resolve("..2026_01_01_00_00_00.1"));
        Files.writeString(left.resolve("a"), "half");
        Files.createSymbolicLink(volume.resolve("..data_tmp"), left.getFileName());
        Files.createSymbolicLink(volume.resolve("old"), Path.of("..data/old"));
        Files.delete(volume.resolve("a"));

        assertFalse(directory.write(Map.of("a", file("1")), NOW));
        assertEquals(List.of("..data", data(), "a").stream().sorted().toList(), names());
        assertEquals("1", Files.readString(volume.resolve("a")));
    }

    @Test
    void doesNotFollowPlantedLinks() throws IOException {
        Path outside = Files.createDirectory(root.resolve("outside"));
        Files.writeString(outside.resolve("a"), "mine");
        Files.createSymbolicLink(volume.resolve("..data"), outside);
        Files.createSymbolicLink(volume.resolve("..2026_01_01_00_00_00.1"), outside);
        Files.createSymbolicLink(volume.resolve("..data_tmp"), outside);

        assertTrue(directory.write(Map.of("a", file("1"), "b", file("2")), NOW));
        assertEquals("mine", Files.readString(outside.resolve("a")));
        assertFalse(Files.exists(outside.resolve("b")));
        assertEquals("1", Files.readString(volume.resolve("a")));
        assertFalse(Files.exists(volume.resolve("..2026_01_01_00_00_00.1"), LinkOption.NOFOLLOW_LINKS));
    }

    @Test
    void doesNotTrustADataLinkThatLeadsThroughAnotherLink() throws IOException {
        Path outside = Files.createDirectory(root.resolve("outside"));
        Files.createSymbolicLink(volume.resolve("..2026_01_01_00_00_00.1"), outside);
        Files.createSymbolicLink(volume.resolve("..data"), Path.of("..2026_01_01_00_00_00.1"));
        assertTrue(directory.write(Map.of(), NOW), "the directory it leads to looks just as wanted, and is not ours");
        assertTrue(Files.isDirectory(volume.resolve(data()), LinkOption.NOFOLLOW_LINKS));
        assertTrue(Files.isDirectory(outside));
    }
}
