/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.volume;

import io.jubelet.node.CreationProcess;
import io.jubelet.node.Posix;
import io.jubelet.node.Posix.FileType;
import io.jubelet.pod.Volume;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * Sets up hostPath volumes: checks the file or directory of the node, and creates it if its type
 * asks for that. Its owner and mode are left alone. Symbolic links are followed, because the author
 * of a manifest may name any path.
 */
final class HostPathVolume {

    private HostPathVolume() {}

    /**
     * A volume that is set up.
     *
     * @param made whether its manifest asks for no type, nothing existed, and so a directory was created
     */
    record Prepared(Path path, boolean made) {}

    /**
     * The path of the volume, which is what its type requires. Without a type, any file will do, and as with the kubelet a
     * directory is created if there is none. The runtime would create it, too, but a runtime that waits for a file system that
     * hangs does not start other pods.
     *
     * @throws IOException if the file is of another type or missing; the message is the kubelet's
     *     and for the user
     */
    static Prepared setUp(Volume.HostPath volume) throws IOException, InterruptedException {
        Path path = path(volume);
        boolean made = false;
        switch (volume.type()) {
            case UNSET -> made = createDirectories(path);
            case DirectoryOrCreate -> {
                createDirectories(path);
                require(path, FileType.DIRECTORY, "is not a directory");
            }
            case Directory -> require(path, FileType.DIRECTORY, "is not a directory");
            case FileOrCreate -> {
                createFile(path);
                require(path, FileType.REGULAR, "is not a file");
            }
            case File -> require(path, FileType.REGULAR, "is not a file");
            case Socket -> require(path, FileType.SOCKET, "is not a socket file");
            case CharDevice -> require(path, FileType.CHARACTER_DEVICE, "is not a character device");
            case BlockDevice -> require(path, FileType.BLOCK_DEVICE, "is not a block device");
        }
        return new Prepared(path, made);
    }

    /** The path that the manifest names. */
    static Path path(Volume.HostPath volume) throws IOException {
        try {
            return Path.of(volume.path());
        } catch (InvalidPathException e) {
            throw new IOException(
                    "hostPath of volume \"" + volume.name() + "\" is not the name of a file: " + e.getReason(), e);
        }
    }

    /** Returns whether the directory did not exist. */
    private static boolean createDirectories(Path path) throws IOException, InterruptedException {
        if (Files.exists(path)) {
            return false;
        }
        CreationProcess.createDirectories(path);
        return true;
    }

    private static void createFile(Path path) throws IOException, InterruptedException {
        if (Files.exists(path)) {
            return; // the caller checks its type
        }
        Path parent = path.getParent();
        if (parent != null && Files.notExists(parent)) {
            throw new IOException("hostPath type check failed: the directory of " + path + " does not exist");
        }
        CreationProcess.createFile(path);
    }

    private static void require(Path path, FileType type, String mismatch) throws IOException {
        boolean matches;
        try {
            matches = Posix.fileType(path) == type;
        } catch (NoSuchFileException _) {
            matches = false;
        }
        if (!matches) {
            throw new IOException("hostPath type check failed: " + path + " " + mismatch);
        }
    }
}
