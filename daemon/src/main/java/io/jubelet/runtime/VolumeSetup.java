package io.jubelet.runtime;

import io.jubelet.node.Mounts;
import io.jubelet.node.Posix;
import io.jubelet.node.Posix.FileType;
import io.jubelet.pod.ContainerSpec;
import io.jubelet.pod.Pod;
import io.jubelet.pod.Quantity;
import io.jubelet.pod.Volume;
import io.jubelet.pod.VolumeMount;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.LongStream;

/** Sees that the volumes of a container are there before it is made. Idempotent; content survives restarts. */
final class VolumeSetup {

    private final PodDirectories directories;
    private final Mounts mounts;
    private final long nodeMemory;

    VolumeSetup(PodDirectories directories, Mounts mounts, long nodeMemory) {
        this.directories = directories;
        this.mounts = mounts;
        this.nodeMemory = nodeMemory;
    }

    /**
     * The path on the node of each volume that the container mounts, by the volume's name.
     *
     * @throws IOException when a volume cannot be had; its message is for the user
     */
    Map<String, Path> setUp(Pod pod, ContainerSpec container) throws IOException, InterruptedException {
        Map<String, Path> paths = new HashMap<>();
        for (VolumeMount mount : container.volumeMounts()) {
            if (!paths.containsKey(mount.name())) {
                Volume volume = volume(pod, mount.name())
                        .orElseThrow(() -> new IOException("cannot find volume \"" + mount.name()
                                + "\" to mount into container \"" + container.name() + "\""));
                paths.put(mount.name(), setUp(pod, volume));
            }
        }
        return paths;
    }

    private static Optional<Volume> volume(Pod pod, String name) {
        return pod.spec().volumes().stream().filter(v -> v.name().equals(name)).findFirst();
    }

    /**
     * The directory of an emptyDir, be it set up yet or not.
     *
     * @throws IOException when the pod has no such emptyDir; its message is for the user
     */
    Path emptyDir(Pod pod, String name) throws IOException {
        return switch (volume(pod, name).orElse(null)) {
            case Volume.EmptyDir volume -> directories.emptyDir(pod.uid(), volume.name());
            case Volume.HostPath _ -> throw new IOException("volume \"" + name + "\" is not an emptyDir");
            case null -> throw new IOException("the pod has no volume \"" + name + "\"");
        };
    }

    private Path setUp(Pod pod, Volume volume) throws IOException, InterruptedException {
        return switch (volume) {
            case Volume.HostPath hostPath -> checked(hostPath);
            case Volume.EmptyDir emptyDir -> emptyDir(pod, emptyDir);
        };
    }

    // --- hostPath

    private static Path checked(Volume.HostPath volume) throws IOException {
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
            // its type is checked next
        } catch (NoSuchFileException e) {
            throw new IOException("hostPath type check failed: the directory of " + path + " does not exist", e);
        }
    }

    private static void require(Path path, FileType type, String inWords) throws IOException {
        boolean fits;
        try {
            fits = Posix.fileType(path) == type;
        } catch (NoSuchFileException _) {
            fits = false;
        }
        if (!fits) {
            throw new IOException("hostPath type check failed: " + path + " is not " + inWords);
        }
    }

    // --- emptyDir

    private Path emptyDir(Pod pod, Volume.EmptyDir volume) throws IOException, InterruptedException {
        Path path = directories.emptyDir(pod.uid(), volume.name());
        Path marker = directories.emptyDirMarker(pod.uid(), volume.name());
        boolean ready = Files.exists(marker)
                && Files.isDirectory(path)
                && (volume.medium() == Volume.Medium.DISK || mounts.isMountPoint(path));
        if (ready) {
            return path;
        }
        Files.createDirectories(path);
        switch (volume.medium()) {
            case DISK -> {}
            case MEMORY -> {
                if (!mounts.isMountPoint(path)) {
                    mounts.mountTmpfs(path, tmpfsSize(pod, volume));
                }
            }
        }
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxrwxrwx"));
        Files.createDirectories(marker.getParent());
        Files.writeString(marker, "");
        return path;
    }

    /** The smallest of the node's memory, the volume's limit, and what all containers together may take. */
    private long tmpfsSize(Pod pod, Volume.EmptyDir volume) {
        boolean limited = pod.spec()
                .allContainers()
                .allMatch(container -> container.resources().limit("memory").isPresent());
        long ofContainers = limited
                ? PodResources.together(pod.spec(), c -> c.resources().limit("memory"))
                        .map(Quantity::value)
                        .orElse(0L)
                : 0;
        long ofVolume = volume.sizeLimit().map(Quantity::value).orElse(0L);
        return LongStream.of(nodeMemory, ofVolume, ofContainers)
                .filter(bytes -> bytes > 0)
                .min()
                .orElse(0);
    }
}
