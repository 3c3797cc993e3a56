/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.document;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
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
        assertEquals("/a is not a directory", FileProblem.of(new NotDirectoryException("/a")));
        assertEquals("/a exists already", FileProblem.of(new FileAlreadyExistsException("/a")));
        assertEquals("/a is not empty", FileProblem.of(new DirectoryNotEmptyException("/a")));
        assertEquals(
                "/a: File name too long", FileProblem.of(new FileSystemException("/a", null, "File name too long")));
        assertEquals("it is not UTF-8", FileProblem.of(new MalformedInputException(1)));
        assertEquals("it ends too early", FileProblem.of(new EOFException()));
        assertEquals("disk is full", FileProblem.of(new IOException("disk is full")));
    }

    @Test
    void reasonLeavesThePathOut() {
        assertEquals("it does not exist", FileProblem.reason(new NoSuchFileException("/a")));
        assertEquals("permission denied", FileProblem.reason(new AccessDeniedException("/a")));
        assertEquals(
                "Read-only file system",
                FileProblem.reason(new FileSystemException("/a", null, "Read-only file system")));
        assertEquals("it is not a directory", FileProblem.reason(new NotDirectoryException("/a")));
        assertEquals("disk is full", FileProblem.reason(new IOException("disk is full")));
    }
}
