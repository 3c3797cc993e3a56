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
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SafeDirectoryTest {

    private static final Set<PosixFilePermission> OPEN = PosixFilePermissions.fromString("rwxrwxrwx");
    private static final Set<PosixFilePermission> WRITABLE = PosixFilePermissions.fromString("rw-rw-rw-");

    @TempDir
    Path dir;

    private Path top;
    private Path outside;

    @BeforeEach
    void create() throws IOException {
        top = Files.createDirectories(dir.resolve("top"));
        outside = Files.createDirectories(dir.resolve("outside"));
        Files.createDirectories(top.resolve("a/b"));
        Files.writeString(top.resolve("a/b/file"), "inside");
        Files.writeString(outside.resolve("file"), "outside");
    }

    private String read(String name, String... directories) throws IOException {
        try (SafeDirectory opened = SafeDirectory.open(top, directories);
                SafeDirectory.Opened file = opened.open(name, StandardOpenOption.READ)) {
            return new String(Channels.newInputStream(file.channel()).readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    @Test
    void readsWhatIsThere() throws IOException {
        assertEquals("inside", read("file", "a", "b"));
        assertThrows(NoSuchFileException.class, () -> read("none", "a", "b"));
        assertThrows(NoSuchFileException.class, () -> read("file", "a", "none"));
        assertThrows(NotDirectoryException.class, () -> read("file", "a", "b", "file"));
        assertThrows(
                NoSuchFileException.class,
                () -> SafeDirectory.open(dir.resolve("none")).close());
    }

    @Test
    void rejectsPathsAsNames() throws IOException {
        for (String name : List.of("", ".", "..", "b/file", "/etc")) {
            assertThrows(NoSuchFileException.class, () -> read("file", "a", name), name);
            assertThrows(NoSuchFileException.class, () -> read(name, "a"), name);
            try (SafeDirectory a = SafeDirectory.open(top, "a")) {
                assertThrows(IllegalArgumentException.class, () -> a.resolve(name), name);
            }
        }
    }

    @Test
    void followsNoLinks() throws IOException {
        Files.createSymbolicLink(top.resolve("link"), Path.of("a"));
        Files.createSymbolicLink(top.resolve("a/b/to"), Path.of("file"));
        Files.createSymbolicLink(top.resolve("out"), outside);
        assertThrows(NotDirectoryException.class, () -> read("file", "link", "b"));
        assertThrows(NotDirectoryException.class, () -> read("file", "out"));
        assertThrows(FileSystemException.class, () -> read("to", "a", "b"));
        try (SafeDirectory opened = SafeDirectory.open(top)) {
            assertThrows(
                    NotDirectoryException.class,
                    () -> opened.enterOrCreate("out", OPEN).close());
        }
    }

    @Test
    void createsAndReplacesRegardlessOfUmask() throws IOException {
        try (SafeDirectory opened = SafeDirectory.open(top);
                SafeDirectory created = opened.enterOrCreate("made", OPEN)) {
            assertEquals(OPEN, Files.getPosixFilePermissions(top.resolve("made")));
            Files.createSymbolicLink(top.resolve("made/link"), outside.resolve("file"));
            created.replace("link", new byte[] {'n', 'e', 'w'}, WRITABLE);
            assertEquals("new", Files.readString(top.resolve("made/link")));
            assertFalse(Files.isSymbolicLink(top.resolve("made/link")));
            assertEquals(WRITABLE, Files.getPosixFilePermissions(top.resolve("made/link")));
            Files.createSymbolicLink(top.resolve("made/other"), outside.resolve("file"));
            created.delete("other");
            created.delete("other");
        }
        assertEquals("outside", Files.readString(outside.resolve("file")));
    }

    @Test
    void failuresNameThePathAndNotTheDescriptor() throws IOException {
        String tooLong = "n".repeat(300);
        try (SafeDirectory b = SafeDirectory.open(top, "a", "b")) {
            FileSystemException failure =
                    assertThrows(FileSystemException.class, () -> b.replace(tooLong, new byte[0], WRITABLE));
            assertEquals(top.resolve("a/b").resolve(tooLong).toString(), failure.getFile());
            assertEquals("File name too long", failure.getReason());
            assertEquals(
                    top.resolve("a/b").resolve(tooLong).toString(),
                    assertThrows(
                                    FileSystemException.class,
                                    () -> b.enterOrCreate(tooLong, OPEN).close())
                            .getFile());
            Files.createDirectories(top.resolve("a/b/full/one"));
            assertEquals(
                    top.resolve("a/b/full").toString(),
                    assertThrows(DirectoryNotEmptyException.class, () -> b.delete("full"))
                            .getFile());
            assertEquals(
                    top.resolve("a/b/none").toString(),
                    assertThrows(NoSuchFileException.class, () -> b.enter("none"))
                            .getFile());
        }
    }

    @Test
    void staysInTheDirectoryThatWasOpened() throws IOException {
        try (SafeDirectory opened = SafeDirectory.open(top, "a", "b")) {
            Files.move(top.resolve("a"), top.resolve("moved"));
            Files.createDirectory(top.resolve("a"));
            Files.createSymbolicLink(top.resolve("a/b"), outside);
            try (SafeDirectory.Opened file = opened.open("file", StandardOpenOption.READ)) {
                assertEquals(6, file.channel().size());
            }
            opened.replace("file", new byte[0], WRITABLE);
        }
        assertEquals(0, Files.size(top.resolve("moved/b/file")));
        assertEquals("outside", Files.readString(outside.resolve("file")));
    }

    /** Swaps a directory and a file for links and pipes, back and forth, as fast as possible. */
    @Test
    void concurrentSwapsCannotEscape() throws Exception {
        Path place = top.resolve("a/b/file");
        assertEquals(
                0,
                new ProcessBuilder("mkfifo", dir.resolve("pipe").toString())
                        .start()
                        .waitFor());
        AtomicBoolean done = new AtomicBoolean();
        Thread swapper = Thread.ofPlatform().start(() -> {
            try {
                while (!done.get()) {
                    Files.createSymbolicLink(dir.resolve("new"), outside.resolve("file"));
                    Files.move(dir.resolve("new"), place, StandardCopyOption.ATOMIC_MOVE);
                    Files.createLink(dir.resolve("new"), dir.resolve("pipe"));
                    Files.move(dir.resolve("new"), place, StandardCopyOption.ATOMIC_MOVE);
                    Files.writeString(dir.resolve("new"), "inside");
                    Files.move(dir.resolve("new"), place, StandardCopyOption.ATOMIC_MOVE);
                    Files.move(top.resolve("a"), top.resolve("real"));
                    Files.createDirectory(dir.resolve("fake"));
                    Files.createSymbolicLink(dir.resolve("fake/b"), outside);
                    Files.move(dir.resolve("fake"), top.resolve("a"));
                    Files.delete(top.resolve("a/b"));
                    Files.move(top.resolve("real"), top.resolve("a"), StandardCopyOption.ATOMIC_MOVE);
                }
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        });
        int read = 0;
        int failure = 0;
        long end = System.nanoTime() + 2_000_000_000L;
        while (System.nanoTime() < end || read == 0 || failure == 0) {
            try {
                assertEquals("inside", read("file", "a", "b"));
                read++;
            } catch (FileSystemException _) {
                failure++;
            }
            assertTrue(swapper.isAlive());
        }
        done.set(true);
        swapper.join();
        assertEquals("outside", Files.readString(outside.resolve("file")));
    }
}
