package io.jubelet.runtime;

import io.jubelet.cri.Mount;
import io.jubelet.pod.ContainerSpec;
import io.jubelet.pod.Pod;
import io.jubelet.pod.Volume;
import io.jubelet.pod.VolumeMount;
import io.jubelet.reconcile.ActionFailedException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;

/** Makes the volumes of a container and tells what to mount. Safe for use by many threads, one a pod. */
final class VolumeSetup {

    static final String TERMINATION_LOG = "/dev/termination-log";

    private static final String CONFIG_ERROR = "CreateContainerConfigError";

    private final PodDirectories directories;

    VolumeSetup(PodDirectories directories) {
        this.directories = directories;
    }

    /**
     * Everything to be mounted into one instance of a container.
     *
     * @param podIps addresses of the pod, for its hosts file; empty on the host network
     * @throws ActionFailedException when a volume is not what its manifest says
     */
    List<Mount> mounts(Pod pod, ContainerSpec container, int attempt, List<String> podIps) {
        List<Mount> mounts = new ArrayList<>();
        for (VolumeMount mount : container.volumeMounts()) {
            Volume volume = pod.spec().volumes().stream()
                    .filter(v -> v.name().equals(mount.name()))
                    .findFirst()
                    .orElseThrow(() -> new ActionFailedException(
                            CONFIG_ERROR, "volume \"" + mount.name() + "\" is not declared in spec.volumes", null));
            mounts.add(bind(mount.mountPath(), prepare(pod, volume), mount.readOnly()));
        }
        List<String> taken = ContainerConfigs.mountPaths(container);
        try {
            if (!taken.contains("/etc/hosts") && (pod.spec().hostNetwork() || !podIps.isEmpty())) {
                mounts.add(bind("/etc/hosts", HostsFile.write(directories.of(pod.uid()), pod, podIps), false));
            }
            if (!taken.contains(TERMINATION_LOG)) {
                mounts.add(bind(TERMINATION_LOG, terminationLog(pod, container, attempt), false));
            }
        } catch (IOException e) {
            throw new ActionFailedException(CONFIG_ERROR, "files of the container cannot be made: " + e, e);
        }
        return mounts;
    }

    private Path terminationLog(Pod pod, ContainerSpec container, int attempt) throws IOException {
        Path directory = directories.of(pod.uid()).resolve("containers").resolve(container.name());
        Path file = Files.createDirectories(directory).resolve(Integer.toString(attempt));
        if (!Files.exists(file)) {
            Files.createFile(file);
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-rw-rw-"));
        }
        return file;
    }

    private static Mount bind(String containerPath, Path hostPath, boolean readOnly) {
        return Mount.builder()
                .containerPath(containerPath)
                .hostPath(hostPath.toString())
                .readonly(readOnly)
                .build();
    }

    private Path prepare(Pod pod, Volume volume) {
        return switch (volume) {
            case Volume.HostPath hostPath -> HostPathCheck.check(hostPath);
            case Volume.EmptyDir emptyDir -> emptyDir(pod, emptyDir);
        };
    }

    private Path emptyDir(Pod pod, Volume.EmptyDir volume) {
        Path directory = directories.emptyDir(pod.uid(), volume.name());
        try {
            if (!Files.isDirectory(directory)) {
                Files.createDirectories(directory);
                Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxrwxrwx"));
            }
            return directory;
        } catch (IOException e) {
            throw new ActionFailedException(CONFIG_ERROR, "emptyDir \"" + volume.name() + "\" cannot be made: " + e, e);
        }
    }
}
