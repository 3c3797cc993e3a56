/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.document;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import org.junit.jupiter.api.Test;

class FileProblemTest {

    @Test
    void namesTheFile() {
        assertEquals("/a does not exist", FileProblem.of(new NoSuchFileException("/a")));
        assertEquals("permission denied for /a", FileProblem.of(new AccessDeniedException("/a")));
        assertEquals(
                "/a: Read-only file system",
                FileProblem.of(new FileSystemException("/a", null, "Read-only file system")));
        assertEquals("/a: NotDirectoryException", FileProblem.of(new NotDirectoryException("/a")));
        assertEquals("disk is full", FileProblem.of(new IOException("disk is full")));
    }

    @Test
    void reasonLeavesThePathOut() {
        assertEquals("it does not exist", FileProblem.reason(new NoSuchFileException("/a")));
        assertEquals("permission denied", FileProblem.reason(new AccessDeniedException("/a")));
        assertEquals(
                "Read-only file system",
                FileProblem.reason(new FileSystemException("/a", null, "Read-only file system")));
        assertEquals("NotDirectoryException", FileProblem.reason(new NotDirectoryException("/a")));
        assertEquals("disk is full", FileProblem.reason(new IOException("disk is full")));
    }
}
