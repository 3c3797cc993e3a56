/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.node;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.FileInputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OpenWritersTest {

    private final OpenWriters writers = new OpenWriters();

    @TempDir
    private Path directory;

    @Test
    void detectsOpenWriters() throws IOException {
        Path file = Files.writeString(directory.resolve("a"), "x");
        assertEquals(OpenWriters.Answer.NONE, writers.query(file));
        try (RandomAccessFile _ = new RandomAccessFile(file.toFile(), "rw")) {
            assertEquals(OpenWriters.Answer.SOME, writers.query(file));
        }
        try (FileInputStream _ = new FileInputStream(file.toFile())) {
            assertEquals(OpenWriters.Answer.NONE, writers.query(file), "readers do not count");
        }
        assertEquals(OpenWriters.Answer.NONE, writers.query(file));
    }

    @Test
    void answersUnknownWithoutLeases() {
        assertEquals(OpenWriters.Answer.UNKNOWN, writers.query(directory.resolve("nothing")));
    }
}
