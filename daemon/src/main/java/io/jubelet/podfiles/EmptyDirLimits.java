package io.jubelet.podfiles;

import io.jubelet.concurrent.Backoff;
import io.jubelet.concurrent.Loop;
import io.jubelet.plan.Eviction;
import io.jubelet.pod.Pod;
import io.jubelet.pod.PodName;
import io.jubelet.pod.Quantity;
import io.jubelet.pod.Volume;
import io.jubelet.volume.VolumeSetup;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Holds emptyDirs on the disk to their {@code sizeLimit}: measures them now and then, and says of which pods one has too
 * much in it. (One in memory is bounded by its file system.)
 *
 * <p>The kubelet evicts a pod for that, but never a static one, so there the limit has no effect; here it means what it
 * says. What can be written between two looks is what the disk takes in that time. Measuring is done by du(1), which
 * counts blocks on the disk and follows no link. Looks begin with the first such volume; the next comes after ten seconds,
 * or ten times as long as the last one took. Which pods have to wait outlives the daemon, in files. Any thread may ask.
 */
public final class EmptyDirLimits implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(EmptyDirLimits.class);
    private static final Duration INTERVAL = Duration.ofSeconds(10);
    private static final Duration LONGEST_LOOK = Duration.ofMinutes(1);
    private static final Backoff BACKOFF = new Backoff(Duration.ofSeconds(10), Duration.ofMinutes(5));

    private final PodDirectories directories;
    private final EvictionStore files;
    private final Consumer<PodName> wake;
    private final InstantSource clock;
    private final Map<String, Watched> watched = new ConcurrentHashMap<>();
    private final Map<String, EvictionStore.Evicted> evicted;
    /** Guarded by this. */
    private Loop loop;

    /** Volumes with a limit of one pod version, by their directories. */
    private record Watched(PodName pod, Map<Path, Volume.EmptyDir> volumes) {}

    /**
     * @param evictions directory for what outlives the daemon; it need not exist
     * @param wake told of pods that have exceeded a limit
     */
    public EmptyDirLimits(PodDirectories directories, Path evictions, Consumer<PodName> wake, InstantSource clock) {
        this.directories = Objects.requireNonNull(directories, "directories");
        this.files = new EvictionStore(evictions);
        this.evicted = new ConcurrentHashMap<>(files.read(directories::exists));
        this.wake = Objects.requireNonNull(wake, "wake");
        this.clock = Objects.requireNonNull(clock, "clock");
    }

    /** Looks after a version from now on, if it has volumes with a limit, until its directory is gone. */
    public void watch(Pod pod) {
        boolean limited = false;
        for (Volume volume : pod.spec().volumes()) {
            limited |= isLimited(volume);
        }
        if (!limited || watched.containsKey(pod.uid())) {
            return;
        }
        Map<Path, Volume.EmptyDir> volumes = new LinkedHashMap<>();
        for (Volume volume : pod.spec().volumes()) {
            if (isLimited(volume) && volume instanceof Volume.EmptyDir dir) {
                volumes.put(VolumeSetup.emptyDir(dir, directories.podDirectory(pod.uid())), dir);
            }
        }
        watched.put(pod.uid(), new Watched(pod.name(), volumes));
        begin();
    }

    private static boolean isLimited(Volume volume) {
        return volume instanceof Volume.EmptyDir dir
                && dir.medium() instanceof Volume.Medium.Disk
                && dir.sizeLimit().map(Quantity::value).orElse(0L) > 0;
    }

    private synchronized void begin() {
        if (loop == null) {
            loop = Loop.start("volume-limits", INTERVAL, BACKOFF.max(), this::look);
        }
    }

    private Duration look() throws InterruptedException {
        Instant begin = clock.instant();
        watched.keySet().removeIf(uid -> {
            boolean gone = Files.notExists(directories.podDirectory(uid).path());
            if (gone && evicted.remove(uid) != null) {
                files.remove(uid);
            }
            return gone;
        });
        for (Map.Entry<String, Watched> entry : watched.entrySet()) {
            look(entry.getKey(), entry.getValue());
        }
        Duration calm = Duration.between(begin, clock.instant()).multipliedBy(10);
        return calm.compareTo(INTERVAL) > 0 ? calm : INTERVAL;
    }

    private void look(String uid, Watched pod) throws InterruptedException {
        if (of(uid).filter(eviction -> eviction.until().isEmpty()).isPresent()) {
            return; // its end has begun
        }
        for (Map.Entry<Path, Long> used : usage(pod.volumes().keySet()).entrySet()) {
            Volume.EmptyDir volume = pod.volumes().get(used.getKey());
            Quantity limit = volume.sizeLimit().orElseThrow();
            if (used.getValue() > limit.value()) {
                String message = "Usage of EmptyDir volume \"" + volume.name() + "\" exceeds the limit \""
                        + limit.text() + "\". ";
                LOG.warn("pod={} {}It has {} bytes in it", pod.pod(), message, used.getValue());
                evicted.merge(
                        uid,
                        new EvictionStore.Evicted(new Eviction(message, Optional.empty()), 1),
                        (before, now) ->
                                new EvictionStore.Evicted(now.eviction(), isRecent(before) ? before.times() + 1 : 1));
                files.write(uid, evicted.get(uid));
                wake.accept(pod.pod());
                return;
            }
        }
    }

    private boolean isRecent(EvictionStore.Evicted before) {
        return before.eviction()
                .until()
                .filter(until -> until.plus(BACKOFF.max()).isAfter(clock.instant()))
                .isPresent();
    }

    /** Bytes on the disk of those directories that are there. */
    static Map<Path, Long> usage(Iterable<Path> directories) throws InterruptedException {
        List<String> command = new ArrayList<>(List.of("du", "-s", "-x", "-B1", "--"));
        for (Path directory : directories) {
            if (Files.isDirectory(directory)) {
                command.add(directory.toString());
            }
        }
        Map<Path, Long> usage = new LinkedHashMap<>();
        if (command.size() == 5) {
            return usage;
        }
        try {
            // It complains about files that vanish while it looks, and goes on.
            Process du = new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            try (BufferedReader lines = du.inputReader(StandardCharsets.UTF_8)) {
                if (!du.waitFor(LONGEST_LOOK.toSeconds(), TimeUnit.SECONDS)) {
                    LOG.warn("volumes are not measured, for that takes longer than a minute: {}", command);
                    return usage;
                }
                for (String line : lines.readAllLines()) {
                    int tab = line.indexOf('\t');
                    usage.put(Path.of(line.substring(tab + 1)), Long.parseLong(line.substring(0, tab)));
                }
            } finally {
                du.destroyForcibly();
            }
        } catch (IOException e) {
            LOG.warn("volumes cannot be measured: {}", e.toString());
        }
        return usage;
    }

    /** Whether a version has exceeded a limit, and when it may begin again. */
    public Optional<Eviction> of(String uid) {
        return Optional.ofNullable(evicted.get(uid)).map(EvictionStore.Evicted::eviction);
    }

    /** Nothing is left in the volumes of a version; it may begin again after a back-off. */
    public void emptied(String uid) {
        EvictionStore.Evicted after = evicted.computeIfPresent(uid, (_, before) -> {
            Instant until = clock.instant().plus(BACKOFF.delay(before.times()));
            return new EvictionStore.Evicted(
                    new Eviction(before.eviction().message(), Optional.of(until)), before.times());
        });
        if (after != null) {
            files.write(uid, after);
        }
    }

    @Override
    public synchronized void close() {
        if (loop != null) {
            loop.close();
        }
    }
}
