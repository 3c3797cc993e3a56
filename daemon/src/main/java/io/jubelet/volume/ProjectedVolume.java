/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.volume;

import io.jubelet.node.Mounts;
import io.jubelet.node.SafeDirectory;
import io.jubelet.pod.LocalConfig;
import io.jubelet.pod.Pod;
import io.jubelet.pod.Volume;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/**
 * Sets up and updates volumes whose files come from ConfigMaps, Secrets and facts of the pod.
 * Except for configMap volumes they are in memory, as with the kubelet.
 *
 * <p>Safe for use by many threads, because a thread holds the lock of the pod while it writes a
 * volume.
 */
public final class ProjectedVolume {

    private static final Set<PosixFilePermission> OPEN = PosixFilePermissions.fromString("rwxrwxrwx");

    private final Mounts mounts;
    private final Supplier<LocalConfig> config;
    private final PodFacts facts;
    private final ReentrantLock[] locks = new ReentrantLock[16];

    /** @param config the current ConfigMaps and Secrets */
    public ProjectedVolume(Mounts mounts, Supplier<LocalConfig> config, PodFacts facts) {
        this.mounts = Objects.requireNonNull(mounts, "mounts");
        this.config = Objects.requireNonNull(config, "config");
        this.facts = Objects.requireNonNull(facts, "facts");
        for (int i = 0; i < locks.length; i++) {
            locks[i] = new ReentrantLock();
        }
    }

    /** The directory of the volume, which need not be set up yet. */
    static Path path(PodDirectory podDirectory, Volume.Projected volume) {
        return podDirectory.volume(plugin(volume), volume.name());
    }

    /** The name of the volume plugin in Kubernetes. */
    public static String plugin(Volume.Projected volume) {
        return switch (volume.form()) {
            case CONFIG_MAP -> "kubernetes.io/configmap";
            case SECRET -> "kubernetes.io/secret";
            case DOWNWARD_API -> "kubernetes.io/downward-api";
            case PROJECTED -> "kubernetes.io/projected";
        };
    }

    /** Makes the directory and writes its present content. */
    Path setUp(Pod pod, Volume.Projected volume, PodDirectory podDirectory) throws IOException, InterruptedException {
        Path path = path(podDirectory, volume);
        ReentrantLock lock = lock(pod);
        lock.lockInterruptibly();
        try {
            var files = ProjectedFiles.of(pod, volume, config.get(), facts);
            try (SafeDirectory volumes = podDirectory.makeVolumes(plugin(volume))) {
                volumes.enterOrReplaceLink(volume.name(), OPEN).close();
                try (SafeDirectory root = volume.form() == Volume.Form.CONFIG_MAP
                        ? volumes.enter(volume.name())
                        : mounts.enterTmpfs(volumes, volume.name(), 0)) {
                    EmptyDirVolume.open(root);
                    VolumeOwnership.apply(root, pod.spec().security(), true);
                    new AtomicDirectory(root, pod.spec().security(), mounts).write(files, Instant.now());
                }
            }
            return path;
        } catch (IOException e) {
            throw new MountFailedException(volume.name(), e);
        } finally {
            lock.unlock();
        }
    }

    /**
     * Updates the content of a volume. Does nothing if the volume is not set up.
     *
     * @return whether anything was written
     */
    public boolean refresh(Pod pod, Volume.Projected volume, PodDirectory podDirectory) throws IOException {
        ReentrantLock lock = lock(pod);
        lock.lock();
        try (SafeDirectory root = podDirectory.openVolume(plugin(volume), volume.name())) {
            AtomicDirectory directory = new AtomicDirectory(root, pod.spec().security(), mounts);
            return directory.written()
                    && directory.write(ProjectedFiles.of(pod, volume, config.get(), facts), Instant.now());
        } catch (NoSuchFileException _) {
            return false; // it is not set up
        } finally {
            lock.unlock();
        }
    }

    private ReentrantLock lock(Pod pod) {
        return locks[Math.floorMod(pod.uid().hashCode(), locks.length)];
    }
}
