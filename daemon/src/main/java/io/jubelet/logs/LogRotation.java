package io.jubelet.logs;

import io.jubelet.concurrent.Loop;
import io.jubelet.cri.ContainerId;
import io.jubelet.cri.CriException;
import io.jubelet.cri.RuntimeService;
import io.jubelet.pod.PodName;
import io.jubelet.podfiles.LogDirectory;
import io.jubelet.podfiles.PodDirectories;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.time.InstantSource;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.function.Supplier;
import java.util.zip.GZIPOutputStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the logs of running containers from growing without end: a log that has become too large is renamed, the
 * runtime is asked to begin a new one, older ones are compressed, the oldest removed.
 *
 * <p>Source: the kubelet's container log manager, whose file names are kept. Unlike it, logs are looked at sooner while one
 * grows fast, and a file far beyond the limit is not compressed: the disk they take is bounded by what is written between
 * two looks, however fast a container writes. Used by one thread.
 */
public final class LogRotation {

    private static final Logger LOG = LoggerFactory.getLogger(LogRotation.class);
    private static final DateTimeFormatter STAMP = DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss", Locale.ROOT);
    private static final String COMPRESSED = ".gz";
    private static final String UNFINISHED = ".tmp";
    private static final Duration MAX_RETRY = Duration.ofMinutes(1);
    /** Names of rotated files are times in seconds. */
    private static final Duration SHORTEST_INTERVAL = Duration.ofSeconds(1);

    /**
     * When logs are rotated.
     *
     * @param maxBytes a log that has reached this size is rotated
     * @param maxFiles how many files there may be for each instance, at least two
     */
    public record Limits(long maxBytes, int maxFiles) {

        /** 10 MiB, five files. */
        public static final Limits DEFAULT = new Limits(10 << 20, 5);

        public Limits {
            if (maxBytes <= 0 || maxFiles < 2) {
                throw new IllegalArgumentException("a log needs at least a byte and two files");
            }
        }
    }

    /** A running instance whose log is looked after. */
    public record RunningContainer(ContainerId id, PodName pod, String uid, String container, int attempt) {
        public RunningContainer {
            Objects.requireNonNull(id, "id");
            Objects.requireNonNull(pod, "pod");
            Objects.requireNonNull(uid, "uid");
            Objects.requireNonNull(container, "container");
        }
    }

    private final RuntimeService runtime;
    private final PodDirectories directories;
    private final String node;
    private final Limits limits;
    private final InstantSource clock;

    public LogRotation(
            RuntimeService runtime, PodDirectories directories, String node, Limits limits, InstantSource clock) {
        this.runtime = Objects.requireNonNull(runtime, "runtime");
        this.directories = Objects.requireNonNull(directories, "directories");
        this.node = Objects.requireNonNull(node, "node");
        this.limits = Objects.requireNonNull(limits, "limits");
        this.clock = Objects.requireNonNull(clock, "clock");
    }

    /**
     * Starts to look at all logs again and again, on a thread of its own.
     *
     * @param interval between two looks
     * @param running whose logs to look at
     */
    public Loop start(Duration interval, Supplier<? extends Collection<RunningContainer>> running) {
        return Loop.start("log-rotation", interval, MAX_RETRY, () -> {
            long largest = 0;
            for (RunningContainer container : running.get()) {
                largest = Math.max(largest, check(container));
            }
            return nextCheck(interval, largest);
        });
    }

    /**
     * When to look again. After a log that grew beyond its limit sooner, so that it is not far beyond it by then: what is
     * written between two looks is all that is not limited.
     */
    Duration nextCheck(Duration interval, long largest) {
        if (largest <= limits.maxBytes() || interval.compareTo(SHORTEST_INTERVAL) <= 0) {
            return interval;
        }
        Duration soon = Duration.ofMillis((long) ((double) interval.toMillis() / largest * limits.maxBytes()));
        return soon.compareTo(SHORTEST_INTERVAL) < 0 ? SHORTEST_INTERVAL : soon;
    }

    /**
     * Looks at one log: one stat when it is small enough. A failure concerns this log alone, and is logged.
     *
     * @return its size in bytes when it was looked at
     */
    long check(RunningContainer container) {
        try {
            BasicFileAttributes log = Files.readAttributes(
                    directories.log(container.pod(), node, container.uid(), container.container(), container.attempt()),
                    BasicFileAttributes.class,
                    LinkOption.NOFOLLOW_LINKS);
            if (!log.isRegularFile()) {
                restore(container);
            } else if (log.size() >= limits.maxBytes()) {
                rotate(container);
            }
            return log.size();
        } catch (NoSuchFileException _) {
            reopen(container);
        } catch (IOException | CriException e) {
            LOG.warn(
                    "pod={} container={} its log is not rotated: {}",
                    container.pod(),
                    container.container(),
                    e.toString());
        }
        return 0;
    }

    /** Somebody took the file away; the runtime writes on into the void until it is told. */
    private void reopen(RunningContainer container) {
        try {
            runtime.reopenContainerLog(container.id());
        } catch (CriException e) {
            LOG.debug("pod={} container={} its log is missing", container.pod(), container.container(), e);
        }
    }

    /** Somebody put something else in the place of the file, while the runtime writes into one that nobody can see. */
    private void restore(RunningContainer container) throws IOException {
        try (LogDirectory directory = open(container)) {
            restore(container, directory);
        }
    }

    private void restore(RunningContainer container, LogDirectory directory) throws IOException {
        LOG.warn("pod={} container={} its log was replaced by something else", container.pod(), container.container());
        directory.delete(current(container));
        runtime.reopenContainerLog(container.id());
    }

    private LogDirectory open(RunningContainer container) throws IOException {
        String ofPod = PodDirectories.logDirectoryName(container.pod(), node, container.uid());
        return LogDirectory.open(directories.logs(), ofPod, container.container());
    }

    private static String current(RunningContainer container) {
        return container.attempt() + ".log";
    }

    private void rotate(RunningContainer container) throws IOException {
        try (LogDirectory directory = open(container)) {
            String current = current(container);
            List<String> kept = tidy(container, directory);
            int tooMany = Math.max(0, kept.size() - (limits.maxFiles() - 2));
            for (String name : kept.subList(0, tooMany)) {
                directory.delete(name);
            }
            String fresh = current + "." + STAMP.format(clock.instant().atZone(ZoneId.systemDefault()));
            directory.rename(current, fresh);
            try {
                runtime.reopenContainerLog(container.id());
            } catch (CriException e) {
                directory.rename(fresh, current); // or the runtime would go on in a file that nobody looks at
                throw e;
            }
            // The runtime gets a path and follows links: who was faster than it has the lines of a moment.
            if (!directory.isRegularFile(current)) {
                restore(container, directory);
            }
            for (String name : kept.subList(tooMany, kept.size())) {
                if (!name.endsWith(COMPRESSED) && directory.attributes(name).size() <= mostToCompress()) {
                    compress(container, directory, name);
                }
            }
        }
    }

    /** Of a log that grows faster than it can be compressed, each file would be larger than the one before. */
    private long mostToCompress() {
        return Math.max(limits.maxBytes(), Math.min(limits.maxBytes(), Long.MAX_VALUE / 4) * 4);
    }

    /** The rotated files, from the oldest, without those that are none, or were left by a crash, which are removed. */
    private static List<String> tidy(RunningContainer container, LogDirectory directory) throws IOException {
        List<String> rotated = directory.filesOf(container.attempt()).stream()
                .filter(name -> !name.equals(current(container)))
                .toList();
        List<String> kept = new ArrayList<>();
        for (String name : rotated) {
            boolean compressedAlready = rotated.contains(name + COMPRESSED);
            if (name.endsWith(UNFINISHED) || compressedAlready || !directory.isRegularFile(name)) {
                directory.delete(name);
            } else {
                kept.add(name);
            }
        }
        return kept;
    }

    /** A file that cannot be compressed is kept as it is: that must not keep the log from being rotated. */
    private static void compress(RunningContainer container, LogDirectory directory, String name) {
        try {
            compress(directory, name);
        } catch (IOException e) {
            LOG.warn(
                    "pod={} container={} {} is not compressed: {}",
                    container.pod(),
                    container.container(),
                    name,
                    e.toString());
        }
    }

    private static void compress(LogDirectory directory, String name) throws IOException {
        String unfinished = name + COMPRESSED + UNFINISHED;
        directory.delete(unfinished);
        try (InputStream in = Channels.newInputStream(directory.open(name).channel());
                OutputStream out =
                        new GZIPOutputStream(Channels.newOutputStream(directory.create(unfinished)), 64 << 10)) {
            in.transferTo(out);
        }
        directory.rename(unfinished, name + COMPRESSED);
        directory.delete(name);
    }
}
