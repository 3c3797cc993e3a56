/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.volume;

import io.jubelet.node.Mounts;
import io.jubelet.pod.PageSize;
import io.jubelet.pod.PodSpec;
import io.jubelet.pod.Quantity;
import io.jubelet.pod.Volume;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.function.ToLongFunction;
import java.util.stream.LongStream;

/**
 * Sets up emptyDirs. Their content lives as long as the pod and survives restarts of containers and
 * of the daemon. A marker file records that a volume is complete, so that a crash does not leave
 * one half set up.
 */
final class EmptyDirVolume {

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

    Path setUp(PodSpec pod, Volume.EmptyDir volume, PodDirectory podDirectory)
            throws IOException, InterruptedException {
        Path path = path(podDirectory, volume);
        Path marker = podDirectory.marker(PodDirectory.EMPTY_DIR, volume.name());
        boolean mounted = !(volume.medium() instanceof Volume.Medium.Disk);
        if (Files.exists(marker) && Files.isDirectory(path) && (!mounted || mounts.isMountPoint(path))) {
            return path;
        }
        Files.createDirectories(path);
        switch (volume.medium()) {
            case Volume.Medium.Disk _ -> {}
            case Volume.Medium.Memory _ -> {
                if (!mounts.isMountPoint(path)) {
                    mounts.mountTmpfs(path, tmpfsSize(pod, volume));
                }
            }
            case Volume.Medium.HugePages medium -> {
                if (!mounts.isMountPoint(path)) {
                    mounts.mountHugePages(path, PageSize.of(pod, medium), limit(volume));
                }
            }
        }
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxrwxrwx"));
        VolumeOwnership.apply(path, pod.security(), false);
        Files.createDirectories(marker.getParent());
        Files.writeString(marker, "");
        return path;
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
