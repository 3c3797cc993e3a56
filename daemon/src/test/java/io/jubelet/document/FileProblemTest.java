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
    void isAClauseWithThePathInIt() {
        assertEquals("/a does not exist", FileProblem.of(new NoSuchFileException("/a")));
        assertEquals("permission denied for /a", FileProblem.of(new AccessDeniedException("/a")));
        assertEquals(
                "/a: Read-only file system",
                FileProblem.of(new FileSystemException("/a", null, "Read-only file system")));
        assertEquals("/a: NotDirectoryException", FileProblem.of(new NotDirectoryException("/a")));
        assertEquals("as it is", FileProblem.of(new IOException("as it is")));
    }
}
