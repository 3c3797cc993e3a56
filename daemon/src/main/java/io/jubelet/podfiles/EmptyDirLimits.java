/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.podfiles;

import io.jubelet.concurrent.Backoff;
import io.jubelet.concurrent.Loop;
import io.jubelet.concurrent.NodeClock;
import io.jubelet.document.FileProblem;
import io.jubelet.node.SafeDirectory;
import io.jubelet.plan.Eviction;
import io.jubelet.pod.Pod;
import io.jubelet.pod.PodName;
import io.jubelet.pod.Quantity;
import io.jubelet.pod.Volume;
import io.jubelet.volume.PodDirectory;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Enforces the {@code sizeLimit} of emptyDirs on disk: measures them periodically and reports pods
 * that have exceeded one. (An emptyDir in memory is limited by its file system.)
 *
 * <p>The kubelet never evicts a static pod, so there the limit has no effect; here it has. A pod
 * can exceed it by what it writes between two measurements. They are made with du(1), which counts
 * blocks on disk and follows no link. The first such volume starts them; the pause between two is
 * ten seconds or ten times as long as the last one took, whichever is longer. Which pods have to
 * wait is stored in files, and so outlives the daemon.
 *
 * <p>Safe for use by many threads.
 */
public final class EmptyDirLimits implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(EmptyDirLimits.class);
    private static final Duration INTERVAL = Duration.ofSeconds(10);
    private static final Duration MAX_MEASUREMENT = Duration.ofMinutes(1);
    private static final Backoff BACKOFF = new Backoff(Duration.ofSeconds(10), Duration.ofMinutes(5));

    private final PodDirectories directories;
    private final EvictionStore files;
    private final Consumer<PodName> wake;
    private final NodeClock clock;
    private final Map<String, Watched> watched = new ConcurrentHashMap<>();
    private final Map<String, EvictionStore.Evicted> evicted;
    /** Guarded by this. */
    private @Nullable Loop loop;

    /** The volumes of one pod version that have a limit, by their names. */
    private record Watched(PodName pod, Map<String, Volume.EmptyDir> volumes) {}

    /**
     * @param evictions the directory for what outlives the daemon; it need not exist
     * @param wake notified of pods that have exceeded a limit
     */
    public EmptyDirLimits(PodDirectories directories, Path evictions, Consumer<PodName> wake, NodeClock clock) {
        this.directories = Objects.requireNonNull(directories, "directories");
        this.files = new EvictionStore(evictions);
        this.wake = Objects.requireNonNull(wake, "wake");
        this.clock = Objects.requireNonNull(clock, "clock");
        this.evicted = new ConcurrentHashMap<>(files.read(directories::exists));
        evicted.replaceAll((_, stored) -> stored.until(this::remaining));
    }

    /**
     * Measures the volumes of a version that have a limit, from now until its directory is gone.
     */
    public void watch(Pod pod) {
        boolean limited = false;
        for (Volume volume : pod.spec().volumes()) {
            limited |= isLimited(volume);
        }
        if (!limited || watched.containsKey(pod.uid())) {
            return;
        }
        Map<String, Volume.EmptyDir> volumes = new LinkedHashMap<>();
        for (Volume volume : pod.spec().volumes()) {
            if (isLimited(volume) && volume instanceof Volume.EmptyDir dir) {
                volumes.put(dir.name(), dir);
            }
        }
        watched.put(pod.uid(), new Watched(pod.name(), volumes));
        startMeasuring();
    }

    private static boolean isLimited(Volume volume) {
        return volume instanceof Volume.EmptyDir dir
                && dir.medium() instanceof Volume.Medium.Disk
                && dir.sizeLimit().map(Quantity::value).orElse(0L) > 0;
    }

    private synchronized void startMeasuring() {
        if (loop == null) {
            loop = Loop.start("volume-limits", INTERVAL, BACKOFF.max(), this::measureAll);
        }
    }

    private Duration measureAll() throws InterruptedException {
        Instant start = clock.steady();
        watched.keySet().removeIf(uid -> {
            boolean gone = !directories.exists(uid);
            if (gone && evicted.remove(uid) != null) {
                files.remove(uid);
            }
            return gone;
        });
        for (Map.Entry<String, Watched> entry : watched.entrySet()) {
            measure(entry.getKey(), entry.getValue());
        }
        Duration pause = Duration.between(start, clock.steady()).multipliedBy(10);
        return pause.compareTo(INTERVAL) > 0 ? pause : INTERVAL;
    }

    private void measure(String uid, Watched pod) throws InterruptedException {
        if (of(uid).filter(eviction -> eviction.until().isEmpty()).isPresent()) {
            return; // it is being stopped already
        }
        Map<String, Long> usage =
                usage(directories.podDirectory(uid), pod.volumes().keySet());
        for (Map.Entry<String, Volume.EmptyDir> each : pod.volumes().entrySet()) {
            long used = usage.getOrDefault(each.getKey(), 0L);
            Volume.EmptyDir volume = each.getValue();
            Quantity limit = volume.sizeLimit().orElseThrow();
            if (used > limit.value()) {
                String message = "Usage of EmptyDir volume \"" + volume.name() + "\" exceeds the limit \""
                        + limit.text() + "\". ";
                LOG.warn("evicting a pod: pod={} usedBytes={} reason=\"{}\"", pod.pod(), used, message.strip());
                EvictionStore.Evicted before = evicted.get(uid);
                EvictionStore.Evicted now = new EvictionStore.Evicted(
                        new Eviction(message, Optional.empty()),
                        before != null && isRecent(before) ? before.times() + 1 : 1);
                evicted.put(uid, now);
                files.write(uid, now);
                wake.accept(pod.pod());
                return;
            }
        }
    }

    private boolean isRecent(EvictionStore.Evicted before) {
        return before.eviction()
                .until()
                .filter(until -> until.plus(BACKOFF.max()).isAfter(clock.steady()))
                .isPresent();
    }

    /** The disk usage in bytes of those emptyDirs of a pod that exist. */
    static Map<String, Long> usage(PodDirectory podDirectory, Collection<String> volumes) throws InterruptedException {
        Map<String, SafeDirectory> opened = new LinkedHashMap<>();
        try {
            for (String volume : volumes) {
                try {
                    opened.put(volume, podDirectory.openVolume(PodDirectory.EMPTY_DIR, volume));
                } catch (NoSuchFileException | NotDirectoryException _) {
                    LOG.debug("a volume that is not set up is not measured: volume={}", volume);
                }
            }
            return opened.isEmpty() ? Map.of() : DiskUsageProgram.bytes(opened, MAX_MEASUREMENT);
        } catch (IOException e) {
            LOG.warn("cannot measure volumes: error=\"{}\"", FileProblem.of(e));
            return Map.of();
        } finally {
            opened.values().forEach(SafeDirectory::close);
        }
    }

    /** Whether a version has exceeded a limit, and when, by the steady clock, it may start again. */
    public Optional<Eviction> of(String uid) {
        return Optional.ofNullable(evicted.get(uid)).map(EvictionStore.Evicted::eviction);
    }

    /** Reports that the volumes of a version are empty; it may start again after a back-off. */
    public void emptied(String uid) {
        EvictionStore.Evicted after = evicted.computeIfPresent(uid, (_, before) -> {
            Instant until = clock.steady().plus(BACKOFF.delay(before.times()));
            return new EvictionStore.Evicted(
                    new Eviction(before.eviction().message(), Optional.of(until)), before.times());
        });
        if (after != null) {
            files.write(uid, after.until(clock::wallTime));
        }
    }

    /** The moment of the steady clock for a stored time; no back-off lasts longer because the clock was set back since. */
    private Instant remaining(Instant stored) {
        Duration left = Duration.between(clock.instant(), stored);
        return clock.steady().plus(left.compareTo(BACKOFF.max()) < 0 ? left : BACKOFF.max());
    }

    @Override
    public synchronized void close() {
        if (loop != null) {
            loop.close();
        }
    }
}
