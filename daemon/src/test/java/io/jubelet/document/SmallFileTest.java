/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.document;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SmallFileTest {

    @TempDir
    Path directory;

    @Test
    void readsAsMuchAsTheLimitAndNoMore() throws IOException {
        Path file = Files.write(directory.resolve("f"), new byte[100]);
        assertEquals(100, SmallFile.read(file, 100).length);
        assertTrue(assertThrows(FileSystemException.class, () -> SmallFile.read(file, 99))
                .getMessage()
                .contains("is larger than 99 bytes"));
    }

    @Test
    void readsOnlyRegularFiles() {
        assertThrows(NoSuchFileException.class, () -> SmallFile.read(directory.resolve("f"), 10));
        for (Path other : new Path[] {directory, Path.of("/dev/zero")}) {
            assertTrue(assertThrows(FileSystemException.class, () -> SmallFile.read(other, 10))
                    .getMessage()
                    .contains("is not a regular file"));
        }
    }
}
