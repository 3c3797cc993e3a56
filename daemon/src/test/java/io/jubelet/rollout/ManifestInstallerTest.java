/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.rollout;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ManifestInstallerTest {

    @TempDir
    private Path directory;

    private Path target = Path.of("");
    private int uid;

    @BeforeEach
    void setUp() throws IOException {
        target = directory.resolve("web.yaml");
        uid = (Integer) Files.getAttribute(directory, "unix:uid");
    }

    private boolean install(String content) throws IOException {
        return ManifestInstaller.install(target, content.getBytes(StandardCharsets.UTF_8), uid);
    }

    private List<String> names() throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    @Test
    void theFileIsForItsOwnerAlone() throws IOException {
        assertTrue(install("a"));
        assertEquals("a", Files.readString(target));
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(target)));
        assertEquals(List.of("web.yaml"), names());
    }

    @Test
    void anotherFileTakesItsPlaceAtOnce() throws IOException {
        install("a");
        Object before = Files.getAttribute(target, "unix:ino");
        try (var open = Files.newInputStream(target)) {
            assertTrue(install("bb"));
            assertEquals("a", new String(open.readAllBytes(), StandardCharsets.UTF_8));
        }
        assertEquals("bb", Files.readString(target));
        assertFalse(before.equals(Files.getAttribute(target, "unix:ino")));
    }

    @Test
    void theSameContentIsLeftAloneUnlessItsModeIsWrong() throws IOException {
        install("a");
        assertFalse(install("a"));
        Files.setPosixFilePermissions(target, PosixFilePermissions.fromString("rw-r--r--"));
        assertTrue(install("a"));
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(target)));
    }

    @Test
    void aLinkStaysALink() throws IOException {
        Path real = Files.writeString(directory.resolve("real"), "a");
        Files.createSymbolicLink(target, real);
        assertTrue(install("b"));
        assertTrue(Files.isSymbolicLink(target));
        assertEquals("b", Files.readString(real));
    }

    @Test
    void whatFailsLeavesNothing() throws IOException {
        Files.createDirectories(target.resolve("inside"));
        assertThrows(IOException.class, () -> install("a"));
        assertEquals(List.of("web.yaml"), names());
    }
}
