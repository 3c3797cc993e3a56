/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.volume;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.jubelet.pod.Volume;
import io.jubelet.pod.Volume.HostPathType;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HostPathVolumeTest {

    @TempDir
    private Path dir;

    private static HostPathVolume.Prepared prepare(Path path, HostPathType type) throws Exception {
        return HostPathVolume.setUp(new Volume.HostPath("host", path.toString(), type));
    }

    private static Path setUp(Path path, HostPathType type) throws Exception {
        return prepare(path, type).path();
    }

    private static String failure(Path path, HostPathType type) {
        return assertThrows(IOException.class, () -> setUp(path, type)).getMessage();
    }

    private static String permissions(Path path) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
    }

    @Test
    void withoutATypeAnyFileWillDo() throws Exception {
        Path file = Files.createFile(dir.resolve("file"));
        assertEquals(new HostPathVolume.Prepared(file, false), prepare(file, HostPathType.UNSET));
        assertEquals(new HostPathVolume.Prepared(dir, false), prepare(dir, HostPathType.UNSET));
    }

    @Test
    void withoutATypeADirectoryIsCreatedAndReported() throws Exception {
        Path path = dir.resolve("missing/one");
        assertEquals(new HostPathVolume.Prepared(path, true), prepare(path, HostPathType.UNSET));
        assertEquals("rwxr-xr-x", permissions(path));
        assertEquals(new HostPathVolume.Prepared(path, false), prepare(path, HostPathType.UNSET));
    }

    @Test
    void namesThePathThatCannotBeCreated() throws Exception {
        Path path = Files.createFile(dir.resolve("file")).resolve("below");
        assertEquals(path + " cannot be created: Not a directory", failure(path, HostPathType.UNSET));
        assertEquals(path + " cannot be created: Not a directory", failure(path, HostPathType.DirectoryOrCreate));
    }

    @Test
    void createsMissingDirectories() throws Exception {
        Path path = setUp(dir.resolve("a/b"), HostPathType.DirectoryOrCreate);
        assertEquals("rwxr-xr-x", permissions(path));
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwx------"));
        setUp(path, HostPathType.DirectoryOrCreate);
        assertEquals("rwx------", permissions(path), "an existing directory stays as it is");
    }

    @Test
    void createsMissingFiles() throws Exception {
        Path path = setUp(dir.resolve("file"), HostPathType.FileOrCreate);
        assertEquals("rw-r--r--", permissions(path));
        Files.writeString(path, "content");
        setUp(path, HostPathType.FileOrCreate);
        assertEquals("content", Files.readString(path));
    }

    @Test
    void doesNotCreateTheDirectoryOfAFile() {
        Path path = dir.resolve("missing/file");
        assertEquals(
                "hostPath type check failed: the directory of " + path + " does not exist",
                failure(path, HostPathType.FileOrCreate));
    }

    @ParameterizedTest
    @CsvSource({
        "Directory, a directory",
        "File, a file",
        "Socket, a socket file",
        "CharDevice, a character device",
        "BlockDevice, a block device"
    })
    void rejectsWhatIsMissing(HostPathType type, String expected) {
        Path path = dir.resolve("missing");
        assertEquals("hostPath type check failed: " + path + " is not " + expected, failure(path, type));
    }

    @Test
    void checksTypes() throws Exception {
        Path file = Files.createFile(dir.resolve("file"));
        Path socket = dir.resolve("socket");
        try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(UnixDomainSocketAddress.of(socket));
            assertEquals(socket, setUp(socket, HostPathType.Socket));
        }
        assertEquals(dir, setUp(dir, HostPathType.Directory));
        assertEquals(file, setUp(file, HostPathType.File));
        Path device = Path.of("/dev/null");
        assertEquals(device, setUp(device, HostPathType.CharDevice));
        assertEquals(
                "hostPath type check failed: /dev/null is not a block device",
                failure(device, HostPathType.BlockDevice));
        assertEquals(
                "hostPath type check failed: " + file + " is not a directory",
                failure(file, HostPathType.DirectoryOrCreate));
        assertEquals("hostPath type check failed: " + dir + " is not a file", failure(dir, HostPathType.FileOrCreate));
    }

    @Test
    void followsSymbolicLinks() throws Exception {
        Path link = Files.createSymbolicLink(dir.resolve("link"), Files.createDirectory(dir.resolve("target")));
        assertEquals(link, setUp(link, HostPathType.Directory));
    }
}
