/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.stats;

import io.jubelet.concurrent.NodeClock;
import io.jubelet.node.FileSystemSize;
import io.jubelet.node.SafeDirectory;
import io.jubelet.pod.ContainerSpec;
import io.jubelet.pod.Pod;
import io.jubelet.pod.Volume;
import io.jubelet.podfiles.DiskUsageProgram;
import io.jubelet.podfiles.PodDirectories;
import io.jubelet.status.PodReport;
import io.jubelet.volume.PodDirectory;
import io.jubelet.volume.ProjectedVolume;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Measures what volumes and logs of pods use on disk, on request and not more often than every minute, because du(1) looks
 * at every file. A pod that was measured keeps its result until the next measurement; a measurement that takes too long adds
 * none.
 *
 * <p>Safe for use by many threads: one measures, and others that want the same wait for it.
 */
public final class PodDisks {

    private static final Logger LOG = LoggerFactory.getLogger(PodDisks.class);

    /** How old a result is at most when it is returned; the kubelet measures as often. */
    static final Duration MAX_AGE = Duration.ofMinutes(1);
    /** How long a measurement of all pods may take. */
    static final Duration TIME_LIMIT = Duration.ofSeconds(10);
    /** How many directories are open at the same time. */
    static final int BATCH = 128;
    /** The shortest pause between two measurements is this many times as long as the last one took. */
    private static final int PAUSE_FACTOR = 10;

    private final PodDirectories directories;
    private final NodeClock clock;
    private final ReentrantLock measuring = new ReentrantLock();
    /** Never changed after it was published. */
    private volatile Map<String, Used> used = Map.of();
    /** When the next measurement is allowed, by the steady clock. Guarded by {@link #measuring}. */
    private Instant next = Instant.MIN;

    /**
     * What a directory uses.
     *
     * @param at when it was measured, by the wall clock
     * @param size of the file system that the directory is on
     */
    private record Used(Instant at, long bytes, OptionalLong inodes, Summary.Size size) {}

    public PodDisks(PodDirectories directories, NodeClock clock) {
        this.directories = Objects.requireNonNull(directories, "directories");
        this.clock = Objects.requireNonNull(clock, "clock");
    }

    /** Measures the volumes and logs of these pods, unless that was done lately. Blocks. */
    void measure(List<PodReport> reports) throws InterruptedException {
        measuring.lockInterruptibly();
        try {
            measureNow(reports);
        } finally {
            measuring.unlock();
        }
    }

    private void measureNow(List<PodReport> reports) throws InterruptedException {
        Instant begin = clock.steady();
        if (begin.isBefore(next)) {
            return;
        }
        Map<String, Used> measured = new HashMap<>();
        Map<String, SafeDirectory> batch = new LinkedHashMap<>();
        Instant deadline = begin.plus(TIME_LIMIT);
        try {
            for (PodReport report : reports) {
                Optional<Pod> shown = report.view().shown();
                if (shown.isPresent()) {
                    open(shown.get(), batch);
                }
                if (batch.size() >= BATCH) {
                    measure(batch, deadline, measured);
                }
            }
            measure(batch, deadline, measured);
        } finally {
            batch.values().forEach(SafeDirectory::close);
        }
        used = measured;
        Duration pause = Duration.between(begin, clock.steady()).multipliedBy(PAUSE_FACTOR);
        next = clock.steady().plus(pause.compareTo(MAX_AGE) > 0 ? pause : MAX_AGE);
    }

    private void open(Pod pod, Map<String, SafeDirectory> batch) {
        PodDirectory podDirectory = directories.podDirectory(pod.uid());
        for (Volume volume : pod.spec().volumes()) {
            plugin(volume)
                    .ifPresent(plugin -> open(
                            volumeKey(pod.uid(), volume.name()),
                            () -> podDirectory.openVolume(plugin, volume.name()),
                            batch));
        }
        pod.spec()
                .allContainers()
                .map(ContainerSpec::name)
                .forEach(name -> open(logKey(pod.uid(), name), () -> openLogs(pod, name), batch));
    }

    private SafeDirectory openLogs(Pod pod, String container) throws IOException {
        String name = PodDirectories.logDirectoryName(pod.name(), pod.originalNode(), pod.uid());
        return SafeDirectory.open(directories.logs(), name, container);
    }

    /** Opens a directory. */
    private interface Opening {
        SafeDirectory open() throws IOException;
    }

    private static void open(String key, Opening opening, Map<String, SafeDirectory> batch) {
        try {
            batch.put(key, opening.open());
        } catch (IOException e) {
            LOG.debug("a directory that does not exist is not measured: directory={}", key, e);
        }
    }

    private static Optional<String> plugin(Volume volume) {
        return switch (volume) {
            case Volume.EmptyDir _ -> Optional.of(PodDirectory.EMPTY_DIR);
            case Volume.Projected projected -> Optional.of(ProjectedVolume.plugin(projected));
            case Volume.HostPath _, Volume.Image _ -> Optional.empty();
        };
    }

    /** Measures and closes the directories of a batch. */
    private void measure(Map<String, SafeDirectory> batch, Instant deadline, Map<String, Used> measured)
            throws InterruptedException {
        try {
            Duration left = left(deadline);
            if (!batch.isEmpty() && left.isPositive()) {
                Map<String, Long> bytes = DiskUsageProgram.bytes(batch, left);
                Duration rest = left(deadline);
                Map<String, Long> inodes =
                        rest.isPositive() ? DiskUsageProgram.inodes(batch, rest) : Map.<String, Long>of();
                Instant now = clock.instant();
                batch.forEach((key, directory) -> {
                    Long used = bytes.get(key);
                    if (used != null) {
                        measured.put(key, new Used(now, used, number(inodes.get(key)), size(directory.path())));
                    }
                });
            }
        } catch (IOException e) {
            LOG.warn("cannot measure volumes and logs: error=\"{}\"", e.getMessage());
        } finally {
            batch.values().forEach(SafeDirectory::close);
            batch.clear();
        }
    }

    private Duration left(Instant deadline) {
        return Duration.between(clock.steady(), deadline);
    }

    /** The size of the file system that a path is on. */
    static Summary.Size size(Path path) {
        try {
            FileSystemSize size = FileSystemSize.of(path);
            boolean counted = size.inodes() > 0;
            return new Summary.Size(
                    OptionalLong.of(size.capacity()),
                    OptionalLong.of(size.available()),
                    counted ? OptionalLong.of(size.inodes()) : OptionalLong.empty(),
                    counted ? OptionalLong.of(size.freeInodes()) : OptionalLong.empty());
        } catch (IOException e) {
            LOG.debug("cannot query a file system: path={} error=\"{}\"", path, e.getMessage());
            return Summary.Size.UNKNOWN;
        }
    }

    private static OptionalLong number(@Nullable Long value) {
        return value == null ? OptionalLong.empty() : OptionalLong.of(value);
    }

    // --- results

    /** The logs of a container, as measured last. */
    Optional<Summary.FileSystem> logs(String uid, String container) {
        return fileSystem(logKey(uid, container));
    }

    /** The volumes of a pod, as measured last. */
    List<Summary.Volume> volumes(Pod pod) {
        return pod.spec().volumes().stream()
                .flatMap(
                        volume -> fileSystem(volumeKey(pod.uid(), volume.name()))
                                .map(usage -> new Summary.Volume(volume.name(), usage))
                                .stream())
                .toList();
    }

    /** Whether a volume counts as ephemeral storage. Source: the kubelet, for which Secrets and tmpfs are memory. */
    static boolean isOnDisk(Volume volume) {
        return switch (volume) {
            case Volume.EmptyDir dir -> dir.medium() instanceof Volume.Medium.Disk;
            case Volume.Projected projected -> projected.form() == Volume.Form.CONFIG_MAP;
            case Volume.HostPath _, Volume.Image _ -> false;
        };
    }

    private Optional<Summary.FileSystem> fileSystem(String key) {
        Used measured = used.get(key);
        return measured == null
                ? Optional.empty()
                : Optional.of(new Summary.FileSystem(
                        measured.at(), measured.size(), OptionalLong.of(measured.bytes()), measured.inodes()));
    }

    private static String volumeKey(String uid, String volume) {
        return "volume/" + uid + "/" + volume;
    }

    private static String logKey(String uid, String container) {
        return "logs/" + uid + "/" + container;
    }
}
