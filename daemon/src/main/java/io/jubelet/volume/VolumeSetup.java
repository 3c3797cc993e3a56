package io.jubelet.volume;

import io.jubelet.node.Mounts;
import io.jubelet.pod.ContainerSpec;
import io.jubelet.pod.MountSource;
import io.jubelet.pod.Pod;
import io.jubelet.pod.PodSpec;
import io.jubelet.pod.Volume;
import io.jubelet.pod.VolumeMount;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.ToLongFunction;

/**
 * Sees that the volumes of a container are there before it is made. Idempotent. Safe for use by many threads, as long as
 * each pod version is in the hands of one of them at a time.
 */
public final class VolumeSetup {

    private final Mounts mounts;
    private final EmptyDirVolume emptyDirs;
    private final ProjectedVolume projected;

    /**
     * @param mounts of the node
     * @param memoryOfPod how much memory a pod may take at most, in bytes; 0 when nobody knows
     * @param projected makes volumes of ConfigMaps, Secrets and facts of the pod
     */
    public VolumeSetup(Mounts mounts, ToLongFunction<PodSpec> memoryOfPod, ProjectedVolume projected) {
        this.projected = Objects.requireNonNull(projected, "projected");
        this.mounts = Objects.requireNonNull(mounts, "mounts");
        this.emptyDirs = new EmptyDirVolume(mounts, memoryOfPod);
    }

    /**
     * Makes each volume ready that the container mounts; where it is, by the volume's name.
     *
     * @param podDirectory the directory of the pod
     * @throws IOException when a volume cannot be had; its message is for the user
     */
    public Map<String, MountSource> setUp(Pod pod, ContainerSpec container, PodDirectory podDirectory)
            throws IOException, InterruptedException {
        Map<String, MountSource> sources = new HashMap<>();
        if (sharesPodDirectory(pod.spec())) {
            mounts.share(podDirectory.path());
        }
        for (VolumeMount mount : container.volumeMounts()) {
            if (!sources.containsKey(mount.name())) {
                Volume volume = volume(pod, mount.name())
                        .orElseThrow(() -> new IOException("cannot find volume \"" + mount.name()
                                + "\" to mount into container \"" + container.name() + "\""));
                sources.put(mount.name(), setUp(pod, volume, podDirectory));
            }
        }
        return sources;
    }

    /**
     * What the runtime is told for each mount of a container, in their order. Volumes are set up.
     *
     * @param sources of {@link #setUp}
     * @param env the variables of the container
     * @throws IOException when a part of a volume cannot be had; its message is for the user
     */
    public List<MountSource> mountSources(
            ContainerSpec container,
            Map<String, MountSource> sources,
            Map<String, String> env,
            PodDirectory podDirectory)
            throws IOException {
        List<MountSource> mountSources = new ArrayList<>();
        for (VolumeMount mount : container.volumeMounts()) {
            MountSource source = Objects.requireNonNull(sources.get(mount.name()), mount.name());
            String subPath = SubPaths.of(mount, env);
            if (!subPath.isEmpty()) {
                Path place = podDirectory.subPath(mount.name(), container.name(), mountSources.size());
                source = switch (source) {
                    case MountSource.OnNode node ->
                        new MountSource.OnNode(
                                SubPaths.bind(node.path(), subPath, place, mount, container.name()), node.readOnly());
                    case MountSource.InImage image -> new MountSource.InImage(image.reference(), subPath);
                };
            }
            mountSources.add(source);
        }
        return mountSources;
    }

    /**
     * Whether mounts go from or to a volume in the pod's directory. Then that directory is shared before anything is
     * mounted in it; the kubelet shares all of its root directory at each start, and leaves it so.
     */
    private static boolean sharesPodDirectory(PodSpec pod) {
        return pod.allContainers()
                .flatMap(container -> container.volumeMounts().stream())
                .filter(mount -> mount.propagation() != VolumeMount.Propagation.None)
                .anyMatch(mount -> pod.volumes().stream()
                        .anyMatch(volume -> volume.name().equals(mount.name()) && isInPodDirectory(volume)));
    }

    private static boolean isInPodDirectory(Volume volume) {
        return switch (volume) {
            case Volume.HostPath _, Volume.Image _ -> false;
            case Volume.EmptyDir _, Volume.Projected _ -> true;
        };
    }

    private MountSource setUp(Pod pod, Volume volume, PodDirectory podDirectory)
            throws IOException, InterruptedException {
        return switch (volume) {
            case Volume.HostPath hostPath -> new MountSource.OnNode(HostPathVolume.setUp(hostPath), false);
            case Volume.EmptyDir emptyDir ->
                new MountSource.OnNode(emptyDirs.setUp(pod.spec(), emptyDir, podDirectory), false);
            case Volume.Projected files -> new MountSource.OnNode(projected.setUp(pod, files, podDirectory), true);
            case Volume.Image image -> new MountSource.InImage(image.reference(), "");
        };
    }

    /**
     * The directory of an emptyDir, be it set up yet or not.
     *
     * @throws IOException when the pod has no such emptyDir; its message is for the user
     */
    public static Path emptyDir(Pod pod, String name, PodDirectory podDirectory) throws IOException {
        return switch (volume(pod, name).orElse(null)) {
            case Volume.EmptyDir volume -> EmptyDirVolume.path(podDirectory, volume);
            case Volume.HostPath _, Volume.Projected _, Volume.Image _ ->
                throw new IOException("volume \"" + name + "\" is not an emptyDir");
            case null -> throw new IOException("the pod has no volume \"" + name + "\"");
        };
    }

    /** The directory of an emptyDir, be it set up yet or not. */
    public static Path emptyDir(Volume.EmptyDir volume, PodDirectory podDirectory) {
        return EmptyDirVolume.path(podDirectory, volume);
    }

    private static Optional<Volume> volume(Pod pod, String name) {
        return pod.spec().volumes().stream().filter(v -> v.name().equals(name)).findFirst();
    }
}
