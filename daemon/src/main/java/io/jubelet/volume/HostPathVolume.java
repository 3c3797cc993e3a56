/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.volume;

import io.jubelet.node.Posix;
import io.jubelet.node.Posix.FileType;
import io.jubelet.pod.Volume;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/**
 * Sets up hostPath volumes: checks the file or directory of the node, and creates it if its type
 * asks for that. Its owner and mode are left alone. Symbolic links are followed, because the author
 * of a manifest may name any path.
 */
final class HostPathVolume {

    private HostPathVolume() {}

    /**
     * The path of the volume, which is what its type requires.
     *
     * @throws IOException if the file is of another type or missing; the message is the kubelet's
     *     and for the user
     */
    static Path setUp(Volume.HostPath volume) throws IOException {
        Path path = Path.of(volume.path());
        switch (volume.type()) {
            case UNSET -> {}
            case DirectoryOrCreate -> {
                if (!Files.exists(path)) {
                    Files.createDirectories(path);
                    Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxr-xr-x"));
                }
                require(path, FileType.DIRECTORY, "a directory");
            }
            case Directory -> require(path, FileType.DIRECTORY, "a directory");
            case FileOrCreate -> {
                createFile(path);
                require(path, FileType.REGULAR, "a file");
            }
            case File -> require(path, FileType.REGULAR, "a file");
            case Socket -> require(path, FileType.SOCKET, "a socket file");
            case CharDevice -> require(path, FileType.CHARACTER_DEVICE, "a character device");
            case BlockDevice -> require(path, FileType.BLOCK_DEVICE, "a block device");
        }
        return path;
    }

    private static void createFile(Path path) throws IOException {
        try {
            Files.createFile(path);
            Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-r--r--"));
        } catch (FileAlreadyExistsException _) {
            // the caller checks its type
        } catch (NoSuchFileException e) {
            throw new IOException("hostPath type check failed: the directory of " + path + " does not exist", e);
        }
    }

    private static void require(Path path, FileType type, String expected) throws IOException {
        boolean isOwned;
        try {
            isOwned = Posix.fileType(path) == type;
        } catch (NoSuchFileException _) {
            isOwned = false;
        }
        if (!isOwned) {
            throw new IOException("hostPath type check failed: " + path + " is not " + expected);
        }
    }
}
