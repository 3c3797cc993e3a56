package io.jubelet.runtime;

import io.jubelet.concurrent.Loop;
import io.jubelet.cri.ContainerId;
import io.jubelet.cri.CriException;
import io.jubelet.cri.RuntimeService;
import io.jubelet.pod.PodName;
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
 * <p>Source: the kubelet's container log manager, whose file names are kept. Used by one thread.
 */
public final class LogRotation {

    private static final Logger LOG = LoggerFactory.getLogger(LogRotation.class);
    private static final DateTimeFormatter STAMP = DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss", Locale.ROOT);
    private static final String COMPRESSED = ".gz";
    private static final String UNFINISHED = ".tmp";
    private static final Duration MAX_RETRY = Duration.ofMinutes(1);

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
            running.get().forEach(this::check);
            return interval;
        });
    }

    /** Looks at one log: one stat when it is small enough. A failure concerns this log alone, and is logged. */
    void check(RunningContainer container) {
        try {
            BasicFileAttributes log = Files.readAttributes(
                    directories.log(container.pod(), node, container.uid(), container.container(), container.attempt()),
                    BasicFileAttributes.class,
                    LinkOption.NOFOLLOW_LINKS);
            if (log.size() >= limits.maxBytes()) {
                rotate(container);
            }
        } catch (NoSuchFileException _) {
            reopen(container);
        } catch (IOException | CriException e) {
            LOG.warn(
                    "pod={} container={} its log is not rotated: {}",
                    container.pod(),
                    container.container(),
                    e.toString());
        }
    }

    /** Somebody took the file away; the runtime writes on into the void until it is told. */
    private void reopen(RunningContainer container) {
        try {
            runtime.reopenContainerLog(container.id());
        } catch (CriException e) {
            LOG.debug("pod={} container={} its log is missing", container.pod(), container.container(), e);
        }
    }

    private void rotate(RunningContainer container) throws IOException {
        String directoryName = PodDirectories.logDirectoryName(container.pod(), node, container.uid());
        try (LogDirectory directory = LogDirectory.open(directories.logs(), directoryName, container.container())) {
            String current = container.attempt() + ".log";
            List<String> rotated = directory.filesOf(container.attempt()).stream()
                    .filter(name -> !name.equals(current))
                    .toList();
            for (String name : rotated) {
                boolean compressedAlready = rotated.contains(name + COMPRESSED);
                if (name.endsWith(UNFINISHED) || compressedAlready) {
                    directory.delete(name);
                }
            }
            List<String> kept = rotated.stream()
                    .filter(name -> !name.endsWith(UNFINISHED) && !rotated.contains(name + COMPRESSED))
                    .toList();
            int tooMany = Math.max(0, kept.size() - (limits.maxFiles() - 2));
            for (String name : kept.subList(0, tooMany)) {
                directory.delete(name);
            }
            for (String name : kept.subList(tooMany, kept.size())) {
                if (!name.endsWith(COMPRESSED)) {
                    compress(directory, name);
                }
            }
            String fresh = current + "." + STAMP.format(clock.instant().atZone(ZoneId.systemDefault()));
            directory.rename(current, fresh);
            try {
                runtime.reopenContainerLog(container.id());
            } catch (CriException e) {
                directory.rename(fresh, current); // or the runtime would go on in a file that nobody looks at
                throw e;
            }
        }
    }

    private static void compress(LogDirectory directory, String name) throws IOException {
        String unfinished = name + COMPRESSED + UNFINISHED;
        directory.delete(unfinished);
        try (InputStream in = Channels.newInputStream(directory.read(name));
                OutputStream out =
                        new GZIPOutputStream(Channels.newOutputStream(directory.create(unfinished)), 64 << 10)) {
            in.transferTo(out);
        }
        directory.rename(unfinished, name + COMPRESSED);
        directory.delete(name);
    }
}
