/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.volume;

import io.jubelet.concurrent.FileCallExecutor;
import io.jubelet.node.Mounts;
import io.jubelet.node.SafeDirectory;
import io.jubelet.node.SafePath;
import io.jubelet.pod.ContainerSpec;
import io.jubelet.pod.MountSource;
import io.jubelet.pod.Pod;
import io.jubelet.pod.PodSpec;
import io.jubelet.pod.Volume;
import io.jubelet.pod.VolumeMount;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;
import java.util.function.ToLongFunction;

/**
 * Sets up the volumes of a container before the container is created. Idempotent.
 *
 * <p>Safe for use by many threads, provided that one thread at a time works on a pod version.
 */
public final class VolumeSetup {

    private final Mounts mounts;
    private final FileCallExecutor hostPathCalls;
    private final Listener listener;
    private final EmptyDirVolume emptyDirs;
    private final ProjectedVolume projected;

    /** Is notified of what the author of a manifest might not expect. */
    @FunctionalInterface
    public interface Listener {

        /**
         * Nothing existed at a path of the node that a manifest names without a type, so a directory was created.
         *
         * @param message a sentence for the user
         */
        void directoryCreated(Pod pod, String container, String message);
    }

    /**
     * @param mounts of the node
     * @param hostPathCalls makes the calls on paths that manifests name, which can hang
     * @param memoryOfPod the most memory that a pod can use, in bytes; 0 if unknown
     * @param projected sets up volumes of ConfigMaps, Secrets and facts of the pod
     */
    public VolumeSetup(
            Mounts mounts,
            FileCallExecutor hostPathCalls,
            ToLongFunction<PodSpec> memoryOfPod,
            ProjectedVolume projected,
            Listener listener) {
        this.hostPathCalls = Objects.requireNonNull(hostPathCalls, "hostPathCalls");
        this.listener = Objects.requireNonNull(listener, "listener");
        this.projected = Objects.requireNonNull(projected, "projected");
        this.mounts = Objects.requireNonNull(mounts, "mounts");
        this.emptyDirs = new EmptyDirVolume(mounts, memoryOfPod);
    }

    /**
     * Sets up each volume that the container mounts.
     *
     * @param podDirectory the directory of the pod
     * @return the volumes by name
     * @throws IOException if a volume cannot be set up; the message is for the user
     */
    public Map<String, MountSource> setUp(Pod pod, ContainerSpec container, PodDirectory podDirectory)
            throws IOException, InterruptedException {
        return setUp(pod, container, podDirectory, _ -> true);
    }

    private Map<String, MountSource> setUp(
            Pod pod, ContainerSpec container, PodDirectory podDirectory, Predicate<Volume.HostPath> wanted)
            throws IOException, InterruptedException {
        Map<String, MountSource> sources = hostPaths(pod, container, wanted);
        if (sharesPodDirectory(pod.spec())) {
            podDirectory.share(mounts);
        }
        for (VolumeMount mount : container.volumeMounts()) {
            Volume volume = volume(pod, mount.name())
                    .orElseThrow(() -> new IOException("cannot find volume \"" + mount.name()
                            + "\" to mount into container \"" + container.name() + "\""));
            if (!(volume instanceof Volume.HostPath) && !sources.containsKey(mount.name())) {
                sources.put(mount.name(), setUp(pod, volume, podDirectory));
            }
        }
        return sources;
    }

    /** Sets up the hostPath volumes that the container mounts, all in one call. */
    private Map<String, MountSource> hostPaths(Pod pod, ContainerSpec container, Predicate<Volume.HostPath> wanted)
            throws IOException, InterruptedException {
        Map<String, Volume.HostPath> hostPaths = new LinkedHashMap<>();
        for (VolumeMount mount : container.volumeMounts()) {
            if (volume(pod, mount.name()).orElse(null) instanceof Volume.HostPath volume && wanted.test(volume)) {
                hostPaths.put(mount.name(), volume);
            }
        }
        Map<String, MountSource> sources = new HashMap<>();
        if (hostPaths.isEmpty()) {
            return sources;
        }
        AtomicReference<String> current = new AtomicReference<>("");
        List<HostPathVolume.Prepared> prepared;
        try {
            prepared = hostPathCalls.run(pod.name().toString(), pod.uid(), path -> {
                List<HostPathVolume.Prepared> all = new ArrayList<>();
                for (Volume.HostPath volume : hostPaths.values()) {
                    current.set(volume.name());
                    path.set(HostPathVolume.path(volume));
                    all.add(HostPathVolume.setUp(volume));
                }
                return all;
            });
        } catch (IOException e) {
            // An earlier call that hangs can fail this one before it begins.
            String volume = current.get();
            throw new MountFailedException(
                    volume.isEmpty() ? hostPaths.keySet().iterator().next() : volume, e);
        }
        int i = 0;
        for (String name : hostPaths.keySet()) {
            HostPathVolume.Prepared each = prepared.get(i++);
            sources.put(name, new MountSource.OnNode(each.path(), false));
            if (each.made()) {
                listener.directoryCreated(
                        pod,
                        container.name(),
                        "hostPath " + each.path() + " of volume \"" + name
                                + "\" did not exist, so a directory was created there; with type: File the pod waits"
                                + " for a file");
            }
        }
        return sources;
    }

    /**
     * Sets up the volumes of a container before its pod starts, and checks the parts of volumes that
     * it mounts. Leaves out what containers of the pod that run earlier may still make.
     *
     * @param podDirectory the directory of the pod
     * @throws IOException if a volume cannot be set up, or a part of it cannot be mounted; the
     *     message is for the user
     */
    public void prepare(Pod pod, ContainerSpec container, PodDirectory podDirectory)
            throws IOException, InterruptedException {
        Map<String, MountSource> sources =
                setUp(pod, container, podDirectory, volume -> !isMadeEarlier(pod.spec(), container, volume));
        for (VolumeMount mount : container.volumeMounts()) {
            // The variables of an expression are not known yet, and an emptyDir has no parts yet.
            boolean known = mount.subPathExpr().isEmpty() && !mount.subPath().isEmpty();
            Volume volume = volume(pod, mount.name()).orElse(null);
            if (known
                    && !(volume instanceof Volume.EmptyDir)
                    && sources.get(mount.name()) instanceof MountSource.OnNode source) {
                SubPaths.Part part = new SubPaths.Part(source.path(), SubPaths.of(mount, Map.of()), mount);
                if (volume instanceof Volume.HostPath) {
                    hostPathCalls.run(pod.name().toString(), pod.uid(), current -> {
                        current.set(part.path());
                        part.check(part.volume(), container.name());
                        return part;
                    });
                } else {
                    try (SafeDirectory root = podDirectory.openBelow(part.volume())) {
                        part.check(root.path(), container.name());
                    }
                }
            }
        }
    }

    /** Whether init containers that run before a container can write to a hostPath that it mounts, or make it. */
    private static boolean isMadeEarlier(PodSpec pod, ContainerSpec container, Volume.HostPath volume) {
        return pod.initContainers().stream()
                .takeWhile(earlier -> !earlier.name().equals(container.name()))
                .flatMap(earlier -> earlier.volumeMounts().stream())
                .filter(mount -> !mount.readOnly())
                .anyMatch(mount -> pod.volumes().stream()
                        .anyMatch(other -> other.name().equals(mount.name())
                                && other instanceof Volume.HostPath above
                                && (volume.path() + "/").startsWith(above.path().replaceFirst("/*$", "/"))));
    }

    /**
     * The source of each volume mount of a container, in the order of the mounts: a volume or the
     * part of it that the mount names.
     *
     * @param volumes what {@link #setUp} returned
     * @param env the environment variables of the container
     * @throws IOException if a part of a volume cannot be mounted; the message is for the user
     */
    public List<MountSource> mountSources(
            Pod pod,
            ContainerSpec container,
            Map<String, MountSource> volumes,
            Map<String, String> env,
            PodDirectory podDirectory)
            throws IOException, InterruptedException {
        List<MountSource> mountSources = new ArrayList<>();
        for (VolumeMount mount : container.volumeMounts()) {
            MountSource source = Objects.requireNonNull(volumes.get(mount.name()), mount.name());
            String subPath = SubPaths.of(mount, env);
            if (!subPath.isEmpty()) {
                int index = mountSources.size();
                source = switch (source) {
                    case MountSource.OnNode node ->
                        new MountSource.OnNode(
                                bind(
                                        pod,
                                        container,
                                        new SubPaths.Part(node.path(), subPath, mount),
                                        podDirectory,
                                        index),
                                node.readOnly());
                    case MountSource.InImage image -> new MountSource.InImage(image.reference(), subPath);
                };
            }
            mountSources.add(source);
        }
        return mountSources;
    }

    /** Binds a part of a volume to its mount point, which is returned. */
    private Path bind(Pod pod, ContainerSpec container, SubPaths.Part part, PodDirectory podDirectory, int index)
            throws IOException, InterruptedException {
        String volume = part.mount().name();
        Path mountPoint = podDirectory.subPath(volume, container.name(), index);
        String place = Integer.toString(index);
        if (!(volume(pod, volume).orElse(null) instanceof Volume.HostPath)) {
            try (SafeDirectory root = podDirectory.openBelow(part.volume());
                    SafeDirectory places = podDirectory.makeSubPaths(volume, container.name())) {
                part.bind(root.path(), places, place, container.name(), SafePath.Missing.CREATE);
            }
            return mountPoint;
        }
        boolean created = hostPathCalls.run(pod.name().toString(), pod.uid(), current -> {
            current.set(part.path());
            // Opened by the thread that uses it, because the caller gives up when the call hangs.
            try (SafeDirectory places = podDirectory.makeSubPaths(volume, container.name())) {
                return part.bind(part.volume(), places, place, container.name(), SafePath.Missing.CREATE_BY_PROCESS);
            }
        });
        if (created) {
            listener.directoryCreated(
                    pod,
                    container.name(),
                    "subPath " + part.path() + " of volume \"" + part.mount().name()
                            + "\" did not exist, so a directory was created there");
        }
        return mountPoint;
    }

    /**
     * Whether mounts propagate from or to a volume in the pod's directory. That directory must be a
     * shared mount before anything is mounted in it. The kubelet shares its whole root directory at
     * each start, and leaves it shared.
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
            case Volume.HostPath _ -> throw new IllegalStateException("set up before");
            case Volume.EmptyDir emptyDir -> new MountSource.OnNode(emptyDir(pod, emptyDir, podDirectory), false);
            case Volume.Projected files -> new MountSource.OnNode(projected.setUp(pod, files, podDirectory), true);
            case Volume.Image image -> new MountSource.InImage(image.reference(), "");
        };
    }

    private Path emptyDir(Pod pod, Volume.EmptyDir volume, PodDirectory podDirectory) throws MountFailedException {
        try {
            return emptyDirs.setUp(pod.spec(), volume, podDirectory);
        } catch (IOException e) {
            throw new MountFailedException(volume.name(), e);
        }
    }

    /**
     * Opens an emptyDir.
     *
     * @throws NoSuchFileException if it is not set up yet
     * @throws IOException if the pod has no such emptyDir; the message is for the user
     */
    public static SafeDirectory openEmptyDir(Pod pod, String name, PodDirectory podDirectory) throws IOException {
        return switch (volume(pod, name).orElse(null)) {
            case Volume.EmptyDir volume -> podDirectory.openVolume(PodDirectory.EMPTY_DIR, volume.name());
            case Volume.HostPath _, Volume.Projected _, Volume.Image _ ->
                throw new IOException("volume \"" + name + "\" is not an emptyDir");
            case null -> throw new IOException("the pod has no volume \"" + name + "\"");
        };
    }

    private static Optional<Volume> volume(Pod pod, String name) {
        return pod.spec().volumes().stream().filter(v -> v.name().equals(name)).findFirst();
    }
}
