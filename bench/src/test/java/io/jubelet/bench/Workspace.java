/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.bench;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;

/**
 * The directories of one daemon during a measurement.
 *
 * @param directory the parent of all directories
 * @param socket the socket of the local API, outside of {@code directory} because the path of a socket must be short
 */
record Workspace(Path directory, Path socket) {
    /**
     * Creates a workspace.
     *
     * @param where the parent directory. {@code tools/bench.sh} removes all workspaces at the end, because on some file systems
     *     creating files is slow after many were deleted, which would affect the next measurement.
     * @param name the prefix of the name
     */
    static Workspace create(Path where, String name) throws IOException {
        Workspace workspace = new Workspace(
                Files.createTempDirectory(Files.createDirectories(where), name + "-"),
                Files.createTempDirectory("jubelet-bench-").resolve("api.sock"));
        for (Path each : List.of(workspace.manifests(), workspace.staging(), workspace.root(), workspace.logs())) {
            Files.createDirectories(each);
        }
        return workspace;
    }

    Path manifests() {
        return directory.resolve("manifests");
    }

    Path root() {
        return directory.resolve("root");
    }

    Path logs() {
        return directory.resolve("logs");
    }

    private Path staging() {
        return directory.resolve("staging");
    }

    /** Writes the manifest elsewhere and renames it into place, as careful users and tools do. */
    void rename(BusyboxPod pod) throws IOException {
        Path staged = stage(pod);
        Files.move(staged, file(pod), StandardCopyOption.ATOMIC_MOVE);
    }

    /** Writes the manifest elsewhere, to be moved into place by {@link #moveAll}. */
    Path stage(BusyboxPod pod) throws IOException {
        return Files.writeString(staging().resolve(pod.name() + ".yaml"), pod.manifest());
    }

    /** Moves staged files into place, one directly after another. */
    void moveAll(List<Path> staged) throws IOException {
        for (Path file : staged) {
            Files.move(file, manifests().resolve(file.getFileName()), StandardCopyOption.ATOMIC_MOVE);
        }
    }

    /** Writes the manifest in place. */
    void write(BusyboxPod pod) throws IOException {
        Files.writeString(file(pod), pod.manifest());
    }

    void delete(BusyboxPod pod) throws IOException {
        Files.delete(file(pod));
    }

    private Path file(BusyboxPod pod) {
        return manifests().resolve(pod.name() + ".yaml");
    }

    /** Unmounts what is mounted below the directory, and removes the socket. */
    void cleanUp() throws IOException {
        unmountBelow(directory);
        try (DirectoryStream<Path> beside = Files.newDirectoryStream(socket.getParent())) {
            for (Path file : beside) {
                Files.delete(file);
            }
        }
        Files.delete(socket.getParent());
    }

    /** Unmounts the volumes of pods that existed when their daemon was ended, in the reverse order of mounting. */
    private static void unmountBelow(Path directory) throws IOException {
        List<String> mounts =
                Files.readAllLines(Path.of("/proc/self/mountinfo")).reversed();
        for (String mount : mounts) {
            String path = mount.split(" ")[4];
            if (Path.of(path).startsWith(directory)) {
                unmount(path);
            }
        }
    }

    private static void unmount(String path) throws IOException {
        try {
            int code = new ProcessBuilder("umount", path).inheritIO().start().waitFor();
            if (code != 0) {
                throw new IOException("umount " + path + " failed with exit code " + code);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while unmounting " + path, e);
        }
    }
}
