/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DirectoryLockTest {

    @TempDir
    Path dir;

    /** Another process that takes the lock and waits. */
    static final class Owner {
        public static void main(String[] arguments) throws Exception {
            try (DirectoryLock _ = DirectoryLock.take(Path.of(arguments[0]))) {
                System.out.println("locked");
                System.in.read();
            }
        }
    }

    private Process owner() throws IOException {
        Process owner = new ProcessBuilder(
                        ProcessHandle.current().info().command().orElseThrow(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Owner.class.getName(),
                        dir.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        BufferedReader output = owner.inputReader();
        String line = output.readLine();
        while (line != null && !line.equals("locked")) {
            line = output.readLine();
        }
        assertEquals("locked", line);
        return owner;
    }

    @Test
    void lockNamesItsOwnerAndEndsWithIt() throws Exception {
        Process owner = owner();
        IOException refused = assertThrows(IOException.class, () -> DirectoryLock.take(dir));
        assertTrue(
                refused.getMessage()
                        .startsWith("another jubelet (process " + owner.pid() + ") uses the root directory " + dir),
                refused.getMessage());
        owner.destroyForcibly().waitFor();
        DirectoryLock.take(dir).close();
    }

    @Test
    void isTakenOnceInOneProcess() throws IOException {
        Path missing = dir.resolve("var/lib/jubelet");
        try (DirectoryLock _ = DirectoryLock.take(missing)) {
            assertThrows(IOException.class, () -> DirectoryLock.take(missing));
        }
        DirectoryLock.take(missing).close();
    }

    @Test
    void directoryThatCannotBeWrittenToIsUsedWithoutLock() throws IOException {
        Files.createDirectory(dir.resolve(DirectoryLock.FILE)); // stands for a read-only or full disk
        DirectoryLock.take(dir).close();
    }

    @Test
    void findsOwnerAmongLocks() {
        List<String> lines = List.of(
                "1: FLOCK  ADVISORY  WRITE 77 00:1f:99 0 EOF",
                "2: POSIX  ADVISORY  READ  78 08:01:1234 0 EOF",
                "3: POSIX  ADVISORY  WRITE 79 08:01:11234 0 EOF",
                "4: POSIX  ADVISORY  WRITE 80 08:01:1234 0 EOF",
                "5: POSIX  ADVISORY  WRITE 0 08:01:55 0 EOF");
        assertEquals(Optional.of("80"), DirectoryLock.owner(lines, "1234"));
        assertEquals(Optional.empty(), DirectoryLock.owner(lines, "55"));
        assertEquals(Optional.empty(), DirectoryLock.owner(lines, "7"));
    }
}
