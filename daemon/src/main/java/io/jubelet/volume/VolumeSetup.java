package io.jubelet.volume;

import io.jubelet.node.Mounts;
import io.jubelet.pod.ContainerSpec;
import io.jubelet.pod.Pod;
import io.jubelet.pod.PodSpec;
import io.jubelet.pod.Volume;
import io.jubelet.pod.VolumeMount;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.ToLongFunction;

/**
 * Sees that the volumes of a container are there before it is made. Idempotent. Safe for use by many threads, as long as
 * each pod version is in the hands of one of them at a time.
 */
public final class VolumeSetup {

    private final EmptyDirVolume emptyDirs;

    /**
     * @param mounts of the node
     * @param memoryOfPod how much memory a pod may take at most, in bytes; 0 when nobody knows
     */
    public VolumeSetup(Mounts mounts, ToLongFunction<PodSpec> memoryOfPod) {
        this.emptyDirs = new EmptyDirVolume(Objects.requireNonNull(mounts, "mounts"), memoryOfPod);
    }

    /**
     * Makes each volume ready that the container mounts; where it is, by the volume's name.
     *
     * @param home the directory of the pod
     * @throws IOException when a volume cannot be had; its message is for the user
     */
    public Map<String, VolumeSource> setUp(Pod pod, ContainerSpec container, PodHome home)
            throws IOException, InterruptedException {
        Map<String, VolumeSource> sources = new HashMap<>();
        for (VolumeMount mount : container.volumeMounts()) {
            if (!sources.containsKey(mount.name())) {
                Volume volume = volume(pod, mount.name())
                        .orElseThrow(() -> new IOException("cannot find volume \"" + mount.name()
                                + "\" to mount into container \"" + container.name() + "\""));
                sources.put(mount.name(), setUp(pod, volume, home));
            }
        }
        return sources;
    }

    private VolumeSource setUp(Pod pod, Volume volume, PodHome home) throws IOException, InterruptedException {
        return switch (volume) {
            case Volume.HostPath hostPath -> new VolumeSource.OnNode(HostPathVolume.setUp(hostPath), false);
            case Volume.EmptyDir emptyDir ->
                new VolumeSource.OnNode(emptyDirs.setUp(pod.spec(), emptyDir, home), false);
        };
    }

    /**
     * The directory of an emptyDir, be it set up yet or not.
     *
     * @throws IOException when the pod has no such emptyDir; its message is for the user
     */
    public static Path emptyDir(Pod pod, String name, PodHome home) throws IOException {
        return switch (volume(pod, name).orElse(null)) {
            case Volume.EmptyDir volume -> EmptyDirVolume.path(home, volume);
            case Volume.HostPath _ -> throw new IOException("volume \"" + name + "\" is not an emptyDir");
            case null -> throw new IOException("the pod has no volume \"" + name + "\"");
        };
    }

    private static Optional<Volume> volume(Pod pod, String name) {
        return pod.spec().volumes().stream().filter(v -> v.name().equals(name)).findFirst();
    }
}
