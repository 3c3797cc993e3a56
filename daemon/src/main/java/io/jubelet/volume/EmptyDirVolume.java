/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.volume;

import io.jubelet.node.Mounts;
import io.jubelet.node.SafeDirectory;
import io.jubelet.node.SafeEntry;
import io.jubelet.pod.PageSize;
import io.jubelet.pod.PodSpec;
import io.jubelet.pod.Quantity;
import io.jubelet.pod.Volume;
import java.io.IOException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.Set;
import java.util.function.ToLongFunction;
import java.util.stream.LongStream;

/**
 * Sets up emptyDirs. Their content lives as long as the pod and survives restarts of containers and
 * of the daemon. A marker file records that a volume is complete, so that a crash does not leave
 * one half set up.
 */
final class EmptyDirVolume {

    private static final Set<PosixFilePermission> OPEN = PosixFilePermissions.fromString("rwxrwxrwx");

    private static final int ALL_RIGHTS = 0777;

    private final Mounts mounts;
    private final ToLongFunction<PodSpec> memoryOfPod;

    EmptyDirVolume(Mounts mounts, ToLongFunction<PodSpec> memoryOfPod) {
        this.mounts = mounts;
        this.memoryOfPod = memoryOfPod;
    }

    /** The directory of the volume, which need not be set up yet. */
    static Path path(PodDirectory podDirectory, Volume.EmptyDir volume) {
        return podDirectory.volume(PodDirectory.EMPTY_DIR, volume.name());
    }

    Path setUp(PodSpec pod, Volume.EmptyDir volume, PodDirectory podDirectory) throws IOException {
        Path path = path(podDirectory, volume);
        String name = volume.name();
        boolean ready = podDirectory.isReady(PodDirectory.EMPTY_DIR, name);
        try (SafeDirectory volumes = podDirectory.makeVolumes(PodDirectory.EMPTY_DIR)) {
            if (ready && isComplete(volumes, volume)) {
                return path;
            }
            volumes.enterOrReplaceLink(name, OPEN).close();
            try (SafeDirectory root = mounted(volumes, pod, volume)) {
                open(root);
                VolumeOwnership.apply(root, pod.security(), false);
            }
        }
        podDirectory.setReady(PodDirectory.EMPTY_DIR, name);
        return path;
    }

    /** Opens the root of a volume to all users. The other bits of its mode stay: a tmpfs is sticky. */
    static void open(SafeDirectory root) throws IOException {
        boolean opened;
        try (SafeEntry self = root.self()) {
            opened = (self.mode() & ALL_RIGHTS) == ALL_RIGHTS;
        }
        if (!opened) {
            root.setPermissions(OPEN);
        }
    }

    private static boolean isComplete(SafeDirectory volumes, Volume.EmptyDir volume) throws IOException {
        Optional<SafeDirectory> found = volumes.enterIfDirectory(volume.name());
        if (found.isEmpty()) {
            return false;
        }
        try (SafeDirectory root = found.get()) {
            return volume.medium() instanceof Volume.Medium.Disk || root.isMountedIn(volumes);
        }
    }

    private SafeDirectory mounted(SafeDirectory volumes, PodSpec pod, Volume.EmptyDir volume) throws IOException {
        return switch (volume.medium()) {
            case Volume.Medium.Disk _ -> volumes.enter(volume.name());
            case Volume.Medium.Memory _ -> mounts.enterTmpfs(volumes, volume.name(), tmpfsSize(pod, volume));
            case Volume.Medium.HugePages medium ->
                mounts.enterHugePages(volumes, volume.name(), PageSize.of(pod, medium), limit(volume));
        };
    }

    /**
     * The smaller of the volume's limit and the pod's memory limit in bytes; 0 if there is neither.
     */
    private long tmpfsSize(PodSpec pod, Volume.EmptyDir volume) {
        return LongStream.of(memoryOfPod.applyAsLong(pod), limit(volume))
                .filter(bytes -> bytes > 0)
                .min()
                .orElse(0);
    }

    private static long limit(Volume.EmptyDir volume) {
        return volume.sizeLimit().map(Quantity::value).orElse(0L);
    }
}
