/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SafePathTest {

    @TempDir
    Path dir;

    private Path volume;
    private Path outside;
    private SafePath.Missing missing = SafePath.Missing.CREATE;

    @BeforeEach
    void create() throws IOException {
        volume = Files.createDirectories(dir.resolve("volume"));
        outside = Files.createDirectories(dir.resolve("outside"));
        Files.createDirectories(volume.resolve("a/b"));
    }

    private void link(String name, String target) throws IOException {
        Files.createSymbolicLink(volume.resolve(name), Path.of(target));
    }

    private void leads(String path, String to) throws Exception {
        try (SafePath opened = SafePath.open(volume, SafePath.names(path), missing)) {
            assertTrue(opened.isSameFileAs(volume.resolve(to)), path);
        }
    }

    private String refusal(String path) {
        return assertThrows(
                        IOException.class,
                        () -> SafePath.open(volume, SafePath.names(path), missing)
                                .close())
                .getMessage();
    }

    @Test
    void namesOmitEmptyAndDot() {
        assertEquals(List.of("a", "b"), SafePath.names("./a//b/."));
    }

    @Test
    void followsLinksInsideButNotAboveRoot() throws Exception {
        link("current", "a/../a/b");
        link("a/up", "../a");
        link("chain", "current");
        leads("current", "a/b");
        leads("chain", "a/b");
        leads("a/up/b", "a/b");
        link("root", "a/..");
        leads("root", ".");
        link("out", "../outside");
        link("a/out", "../../outside");
        assertEquals("a symbolic link leads out of the volume", refusal("out/x"));
        assertEquals("a symbolic link leads out of the volume", refusal("a/out"));
        assertFalse(Files.exists(outside.resolve("x")));
    }

    @Test
    void rejectsAbsoluteLinksAndLoops() throws Exception {
        link("absolute", outside.toString());
        link("circle", "circle");
        assertEquals("the symbolic link \"absolute\" leads out of the volume, to " + outside, refusal("absolute"));
        assertTrue(refusal("circle").startsWith("too many symbolic links"));
    }

    @Test
    void createsMissingDirectoriesWithModeOfRoot() throws Exception {
        Files.setAttribute(volume, "unix:mode", 02773);
        leads("new/deep", "new/deep");
        assertEquals(02773, (int) Files.getAttribute(volume.resolve("new/deep"), "unix:mode") & 07777);
        assertEquals(02773, (int) Files.getAttribute(volume.resolve("new"), "unix:mode") & 07777);
    }

    @Test
    void createsMissingDirectoriesByProcess() throws Exception {
        missing = SafePath.Missing.CREATE_BY_PROCESS;
        Files.setAttribute(volume, "unix:mode", 02773);
        leads("new/deep", "new/deep");
        assertEquals(02773, (int) Files.getAttribute(volume.resolve("new/deep"), "unix:mode") & 07777);
        assertEquals(02773, (int) Files.getAttribute(volume.resolve("new"), "unix:mode") & 07777);
    }

    @Test
    void saysWhetherADirectoryWasCreated() throws Exception {
        for (SafePath.Missing each : List.of(SafePath.Missing.CREATE, SafePath.Missing.CREATE_BY_PROCESS)) {
            try (SafePath opened = SafePath.open(volume, List.of(each.name()), each)) {
                assertTrue(opened.created());
            }
            try (SafePath opened = SafePath.open(volume, List.of(each.name()), each)) {
                assertFalse(opened.created());
            }
        }
    }

    @Test
    void createsNothingWhereThatIsNotWanted() {
        missing = SafePath.Missing.FAIL;
        assertThrows(NoSuchFileException.class, () -> leads("a/new", "a"));
        assertFalse(Files.exists(volume.resolve("a/new")));
    }

    @Test
    void namesFileInPathAndMissingRoot() throws Exception {
        Files.writeString(volume.resolve("file"), "");
        leads("file", "file");
        assertEquals("the path before \"x\" is not a directory", refusal("file/x"));
        assertThrows(
                NoSuchFileException.class,
                () -> SafePath.open(dir.resolve("none"), List.of(), missing).close());
    }

    @Test
    void concurrentSwapsDoNotRedirect() throws Exception {
        AtomicBoolean done = new AtomicBoolean();
        Path name = volume.resolve("d");
        Thread swapper = Thread.ofPlatform().start(() -> {
            while (!done.get()) {
                swap(name);
            }
        });
        try {
            for (int i = 0; i < 3000; i++) {
                try (SafePath opened = SafePath.open(volume, List.of("d", "e"), missing)) {
                    assertFalse(opened.isSameFileAs(outside.resolve("e")));
                } catch (IOException e) {
                    // a link was met, or the directory went away: refused either way
                    assertFalse(Files.exists(outside.resolve("e")), e::toString);
                }
            }
        } finally {
            done.set(true);
            swapper.join();
        }
        try (var created = Files.list(outside)) {
            assertEquals(List.of(), created.toList());
        }
    }

    private void swap(Path name) {
        try {
            Files.createDirectory(name);
            Files.deleteIfExists(name.resolve("e"));
            Files.deleteIfExists(name);
            Files.createSymbolicLink(name, outside);
            Files.deleteIfExists(name);
            Files.createSymbolicLink(name, Path.of("../outside"));
            Files.deleteIfExists(name);
        } catch (IOException _) {
            // the other side made something meanwhile
            try {
                Files.deleteIfExists(name.resolve("e"));
                Files.deleteIfExists(name);
            } catch (IOException _) {
                // The other side made something again; the next round deletes it.
            }
        }
    }
}
