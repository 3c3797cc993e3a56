/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.runtime;

import io.jubelet.concurrent.Wakeup;
import io.jubelet.document.FileProblem;
import io.jubelet.events.EventRecorder;
import io.jubelet.node.Mounts;
import io.jubelet.observed.ObservedPod;
import io.jubelet.pod.ConfigRefs;
import io.jubelet.pod.LocalConfig;
import io.jubelet.pod.Pod;
import io.jubelet.pod.PodName;
import io.jubelet.pod.Volume;
import io.jubelet.podfiles.PodDirectories;
import io.jubelet.volume.PodDirectory;
import io.jubelet.volume.ProjectedVolume;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiFunction;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Updates the volumes of running pods when their ConfigMaps and Secrets change. Workers report
 * which pods run. Because a worker can be busy for long, the thread {@code config-volumes} writes
 * the volumes; it starts with the first pod that has such a volume.
 *
 * <p>Safe for use by many threads.
 */
public final class ConfigVolumes implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(ConfigVolumes.class);

    /** The pause after a turn in which a volume could not be written. */
    private static final Duration RETRY = Duration.ofSeconds(10);

    private static final Duration RESYNC = Duration.ofMinutes(10);

    private final Supplier<LocalConfig> config;
    private final PodDirectories directories;
    private final BiFunction<String, Runnable, Thread> startThread;
    private final EventRecorder events;
    private final ProjectedVolume projected;
    private final Wakeup wakeup = new Wakeup();

    /**
     * Held while a volume is written, too, so that nothing writes to the volumes of a pod that is
     * no longer in {@link #live}.
     */
    private final ReentrantLock lock = new ReentrantLock();

    private final Map<PodName, Live> live = new HashMap<>();
    private @Nullable Thread thread;
    private boolean closed;

    /** A pod that runs. */
    private static final class Live {
        private final Pod pod;

        /**
         * The ConfigMaps and Secrets that its volumes contain; null before the first write and
         * after a failure.
         */
        private @Nullable LocalConfig written;

        /** Why the last write failed; empty if it succeeded. */
        private String problem = "";

        Live(Pod pod) {
            this.pod = pod;
        }
    }

    /**
     * @param environments provides the ConfigMaps, Secrets and facts of pods
     * @param startThread starts a thread of a name
     * @param events receives warnings about volumes that cannot be written
     */
    public ConfigVolumes(
            ContainerEnvironments environments,
            Mounts mounts,
            PodDirectories directories,
            BiFunction<String, Runnable, Thread> startThread,
            EventRecorder events) {
        this.config = environments::config;
        this.directories = Objects.requireNonNull(directories, "directories");
        this.startThread = Objects.requireNonNull(startThread, "startThread");
        this.events = Objects.requireNonNull(events, "events");
        this.projected = new ProjectedVolume(mounts, config, environments::fact);
    }

    /**
     * Sets up volumes of ConfigMaps, Secrets and facts of the pod; shares its locks with the
     * updates.
     */
    public ProjectedVolume projected() {
        return projected;
    }

    /**
     * Reports what runs of a pod, after each turn of its worker.
     *
     * @param shown the version that runs; empty if none is wanted or known
     */
    public void watch(PodName name, Optional<Pod> shown, ObservedPod observed) {
        Optional<Pod> running = shown.filter(
                        pod -> pod.spec().volumes().stream().anyMatch(ConfigRefs::any))
                .filter(pod -> observed.containers().stream()
                        .anyMatch(
                                container -> container.live() && container.uid().equals(pod.uid())));
        lock.lock();
        try {
            Live before = live.get(name);
            if (running.isEmpty()) {
                live.remove(name);
            } else if (before == null || !before.pod.uid().equals(running.get().uid())) {
                live.put(name, new Live(running.get()));
                startThread();
                wakeup.signal();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Reports that ConfigMaps or Secrets may have changed. */
    public void changed() {
        wakeup.signal();
    }

    private void startThread() {
        if (thread == null && !closed) {
            thread = startThread.apply("config-volumes", this::run);
        }
    }

    private void run() {
        try {
            Duration pause = RESYNC;
            while (true) {
                wakeup.awaitFor(pause);
                pause = turn() ? RESYNC : RETRY;
            }
        } catch (InterruptedException _) {
            LOG.debug("stopped updating volumes");
        }
    }

    /** Updates all volumes; returns whether none failed. */
    private boolean turn() {
        boolean succeeded = true;
        for (PodName name : names()) {
            lock.lock();
            try {
                Live each = live.get(name);
                succeeded &= each == null || refresh(each);
            } finally {
                lock.unlock();
            }
        }
        return succeeded;
    }

    private List<PodName> names() {
        lock.lock();
        try {
            return new ArrayList<>(live.keySet());
        } finally {
            lock.unlock();
        }
    }

    private boolean refresh(Live each) {
        LocalConfig used = ConfigRefs.used(config.get(), List.of(each.pod));
        if (used.equals(each.written)) {
            return true;
        }
        PodDirectory podDirectory = directories.podDirectory(each.pod.uid());
        String problem = "";
        for (Volume volume : each.pod.spec().volumes()) {
            if (volume instanceof Volume.Projected wanted && ConfigRefs.any(volume)) {
                try {
                    if (projected.refresh(each.pod, wanted, podDirectory)) {
                        LOG.info("updated the content of a volume: pod={} volume={}", each.pod.name(), volume.name());
                    }
                } catch (IOException e) {
                    problem = "MountVolume.SetUp failed for volume \"" + volume.name() + "\" : " + FileProblem.of(e);
                } catch (RuntimeException e) {
                    problem = "volume \"" + volume.name() + "\": internal error: " + e;
                    LOG.error(
                            "internal error while updating a volume: pod={} volume={}",
                            each.pod.name(),
                            volume.name(),
                            e);
                }
            }
        }
        if (!problem.isEmpty() && !problem.equals(each.problem)) {
            LOG.warn("cannot update a volume, which keeps its content: pod={} error=\"{}\"", each.pod.name(), problem);
            events.warning(each.pod, "FailedMount", problem);
        }
        each.problem = problem;
        each.written = problem.isEmpty() ? used : null;
        return problem.isEmpty();
    }

    /** Stops the updates and waits for the thread to end. */
    @Override
    public void close() {
        Thread running;
        lock.lock();
        try {
            closed = true;
            running = thread;
        } finally {
            lock.unlock();
        }
        if (running != null) {
            running.interrupt();
            try {
                running.join();
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
