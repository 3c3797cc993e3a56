package io.jubelet.runtime;

import io.jubelet.concurrent.Wakeup;
import io.jubelet.criconfig.Environment;
import io.jubelet.criconfig.NodeProfile;
import io.jubelet.events.EventRecorder;
import io.jubelet.node.Mounts;
import io.jubelet.observed.ObservedPod;
import io.jubelet.pod.ConfigRefs;
import io.jubelet.pod.ContainerSpec;
import io.jubelet.pod.LocalConfig;
import io.jubelet.pod.Pod;
import io.jubelet.pod.PodName;
import io.jubelet.pod.Volume;
import io.jubelet.podfiles.ContainerFiles;
import io.jubelet.podfiles.PodDirectories;
import io.jubelet.volume.PodHome;
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
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the volumes of running pods as their ConfigMaps and Secrets are. What is running it knows from the views of workers; a
 * worker may be busy for long, so the writing is done on a thread of its own, {@code config-volumes}, which begins with the
 * first pod that has such a volume. Safe for use by many threads.
 */
public final class ConfigVolumes implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(ConfigVolumes.class);

    /** After a write that failed for want of anything but a ConfigMap or Secret. */
    private static final Duration RETRY = Duration.ofSeconds(10);

    private static final Duration RESYNC = Duration.ofMinutes(10);

    private final Supplier<LocalConfig> config;
    private final PodDirectories directories;
    private final BiFunction<String, Runnable, Thread> startThread;
    private final EventRecorder events;
    private final ProjectedVolume projected;
    private final Wakeup wakeup = new Wakeup();

    /** Held while a volume is written, too: who takes a pod out of {@link #live} knows that nobody writes to it any more. */
    private final ReentrantLock lock = new ReentrantLock();

    private final Map<PodName, Live> live = new HashMap<>();
    private Thread thread;
    private boolean closed;

    /** A pod that runs, with what was written last; null for nothing yet. */
    private static final class Live {
        private final Pod pod;
        private LocalConfig written;
        private String trouble = "";

        Live(Pod pod) {
            this.pod = pod;
        }
    }

    /** @param config of this moment */
    public ConfigVolumes(
            Supplier<LocalConfig> config,
            Mounts mounts,
            PodDirectories directories,
            NodeProfile node,
            BiFunction<String, Runnable, Thread> startThread,
            EventRecorder events) {
        this.config = Objects.requireNonNull(config, "config");
        this.directories = Objects.requireNonNull(directories, "directories");
        this.startThread = Objects.requireNonNull(startThread, "startThread");
        this.events = Objects.requireNonNull(events, "events");
        this.projected = new ProjectedVolume(mounts, config, (pod, source) -> {
            ContainerSpec any = pod.spec().containers().getFirst(); // a volume's resources name their container
            return new Environment(pod, any, List.of(), node, directories, LocalConfig.NONE)
                    .value(source)
                    .orElse("");
        });
    }

    ProjectedVolume projected() {
        return projected;
    }

    LocalConfig config() {
        return config.get();
    }

    /**
     * Tells what runs of a pod, after each turn of its worker.
     *
     * @param shown the version that runs, if any is wanted or known
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
                begin();
                wakeup.signal();
            }
        } finally {
            lock.unlock();
        }
    }

    /** There may be other ConfigMaps or Secrets. */
    public void changed() {
        wakeup.signal();
    }

    private void begin() {
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
            LOG.debug("no more changes of volumes");
        }
    }

    /** Whether all is written that could be. */
    private boolean turn() {
        boolean good = true;
        for (PodName name : names()) {
            lock.lock();
            try {
                Live each = live.get(name);
                good &= each == null || refresh(each);
            } finally {
                lock.unlock();
            }
        }
        return good;
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
        PodHome home = directories.home(each.pod.uid());
        String trouble = "";
        for (Volume volume : each.pod.spec().volumes()) {
            if (volume instanceof Volume.Projected wanted && ConfigRefs.any(volume)) {
                try {
                    if (projected.refresh(each.pod, wanted, home)) {
                        LOG.info("pod={} volume={} has new content", each.pod.name(), volume.name());
                    }
                } catch (IOException e) {
                    trouble = "MountVolume.SetUp failed for volume \"" + volume.name() + "\" : "
                            + ContainerFiles.words(e);
                } catch (RuntimeException e) {
                    trouble = "volume \"" + volume.name() + "\": internal error: " + e;
                    LOG.error("pod={} volume={} cannot be written", each.pod.name(), volume.name(), e);
                }
            }
        }
        if (!trouble.isEmpty() && !trouble.equals(each.trouble)) {
            LOG.warn("pod={} keeps the content of a volume: {}", each.pod.name(), trouble);
            events.warning(each.pod, "", "FailedMount", trouble);
        }
        each.trouble = trouble;
        each.written = trouble.isEmpty() ? used : null;
        return trouble.isEmpty();
    }

    /** Waits for the thread to end. */
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
