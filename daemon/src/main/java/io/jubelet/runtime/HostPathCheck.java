package io.jubelet.runtime;

import io.jubelet.pod.Volume;
import io.jubelet.pod.Volume.HostPathType;
import io.jubelet.reconcile.ActionFailedException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Checks that a path of the node is what a hostPath volume says, and makes it where the type says so. */
final class HostPathCheck {

    private static final int FORMAT = 0170000;
    private static final int SOCKET = 0140000;
    private static final int BLOCK = 0060000;
    private static final int CHARACTER = 0020000;

    private HostPathCheck() {}

    /**
     * The path, checked. Symbolic links are followed, as the kubelet does.
     *
     * @throws ActionFailedException when the path is not of the volume's type
     */
    static Path check(Volume.HostPath volume) {
        Path path = Path.of(volume.path());
        try {
            switch (volume.type()) {
                case UNSET -> {
                    return path;
                }
                case DirectoryOrCreate -> {
                    if (!Files.exists(path)) {
                        Files.createDirectories(path);
                    }
                    require(Files.isDirectory(path), volume, "a directory");
                }
                case Directory -> require(Files.isDirectory(path), volume, "a directory");
                case FileOrCreate -> {
                    if (!Files.exists(path)) {
                        Files.createFile(path);
                    }
                    require(Files.isRegularFile(path), volume, "a file");
                }
                case File -> require(Files.isRegularFile(path), volume, "a file");
                case Socket -> require(format(path) == SOCKET, volume, "a socket file");
                case CharDevice -> require(format(path) == CHARACTER, volume, "a character device");
                case BlockDevice -> require(format(path) == BLOCK, volume, "a block device");
            }
            return path;
        } catch (IOException e) {
            throw failed(volume, "cannot be made or examined: " + e, e);
        }
    }

    private static int format(Path path) throws IOException {
        return Files.exists(path) ? (int) Files.getAttribute(path, "unix:mode") & FORMAT : 0;
    }

    private static void require(boolean holds, Volume.HostPath volume, String what) {
        if (!holds) {
            boolean missing = !Files.exists(Path.of(volume.path()));
            throw failed(volume, "is not " + what + (missing ? ": it does not exist" : ""), null);
        }
    }

    private static ActionFailedException failed(Volume.HostPath volume, String what, IOException cause) {
        String type = volume.type() == HostPathType.UNSET ? "" : " (type " + volume.type() + ")";
        return new ActionFailedException(
                "CreateContainerConfigError",
                "hostPath volume \"" + volume.name() + "\"" + type + ": " + volume.path() + " " + what,
                cause);
    }
}
