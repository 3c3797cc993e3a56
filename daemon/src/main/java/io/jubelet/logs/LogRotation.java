/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.logs;

import io.jubelet.concurrent.Loop;
import io.jubelet.cri.CriException;
import io.jubelet.cri.RuntimeService;
import io.jubelet.document.FileProblem;
import io.jubelet.node.SafeDirectory;
import io.jubelet.observed.RunningContainer;
import io.jubelet.pod.NodeNames;
import io.jubelet.podfiles.LogDirectory;
import io.jubelet.podfiles.PodDirectories;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
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
 * Limits the size of the logs of running containers: renames a log that has become too large, makes
 * the runtime open a new one, compresses older ones and removes the oldest.
 *
 * <p>Source: the kubelet's container log manager, whose file names are the same. Unlike the
 * kubelet, it checks logs more often while one grows fast, and does not compress a file far beyond
 * the limit. So the disk usage is bounded by what is written between two checks, however fast a
 * container writes. Used by one thread.
 */
public final class LogRotation {

    private static final Logger LOG = LoggerFactory.getLogger(LogRotation.class);
    private static final DateTimeFormatter STAMP = DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss", Locale.ROOT);
    private static final String COMPRESSED = ".gz";
    private static final String UNFINISHED = ".tmp";
    private static final Duration MAX_RETRY = Duration.ofMinutes(1);
    /** The names of rotated files contain times in whole seconds. */
    private static final Duration SHORTEST_INTERVAL = Duration.ofSeconds(1);

    /**
     * When logs are rotated.
     *
     * @param maxBytes the size in bytes at which a log is rotated
     * @param maxFiles how many files each instance may have, at least two
     */
    public record Limits(long maxBytes, int maxFiles) {

        /** 10 MiB, five files. */
        public static final Limits DEFAULT = new Limits(10 << 20, 5);

        public Limits {
            if (maxBytes <= 0 || maxFiles < 2) {
                throw new IllegalArgumentException("a log needs a size of at least one byte and at least two files");
            }
        }
    }

    private final RuntimeService runtime;
    private final PodDirectories directories;
    private final NodeNames nodes;
    private final Limits limits;
    private final InstantSource clock;

    public LogRotation(
            RuntimeService runtime, PodDirectories directories, NodeNames nodes, Limits limits, InstantSource clock) {
        this.runtime = Objects.requireNonNull(runtime, "runtime");
        this.directories = Objects.requireNonNull(directories, "directories");
        this.nodes = Objects.requireNonNull(nodes, "nodes");
        this.limits = Objects.requireNonNull(limits, "limits");
        this.clock = Objects.requireNonNull(clock, "clock");
    }

    /**
     * Starts to check all logs periodically, on a thread of its own.
     *
     * @param interval between two checks
     * @param running provides the instances whose logs are checked
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
     * The time until the next check. It is shorter after a log has grown beyond its limit, so that
     * the log will not be far beyond it then.
     */
    Duration nextCheck(Duration interval, long largest) {
        if (largest <= limits.maxBytes() || interval.compareTo(SHORTEST_INTERVAL) <= 0) {
            return interval;
        }
        Duration soon = Duration.ofMillis((long) ((double) interval.toMillis() / largest * limits.maxBytes()));
        return soon.compareTo(SHORTEST_INTERVAL) < 0 ? SHORTEST_INTERVAL : soon;
    }

    /**
     * Checks one log, without listing its directory if it is small enough. A failure affects only this
     * log and is logged.
     *
     * @return its size in bytes before any rotation
     */
    long check(RunningContainer container) {
        String ofPod = directories.logDirectoryName(container.pod(), nodes, container.uid());
        try {
            BasicFileAttributes log;
            try (SafeDirectory directory = SafeDirectory.open(directories.logs(), ofPod, container.container())) {
                log = directory.attributes(current(container));
            }
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
                    "cannot rotate a log: pod={} container={} error=\"{}\"",
                    container.pod(),
                    container.container(),
                    e.toString());
        }
        return 0;
    }

    /**
     * Handles a log that was deleted: the runtime writes to the deleted file until it reopens the
     * log.
     */
    private void reopen(RunningContainer container) {
        try {
            runtime.reopenContainerLog(container.id());
        } catch (CriException e) {
            LOG.debug("cannot reopen a missing log: pod={} container={}", container.pod(), container.container(), e);
        }
    }

    /**
     * Handles a log that was replaced by another kind of file, while the runtime writes to a
     * deleted file.
     */
    private void restore(RunningContainer container) throws IOException {
        try (LogDirectory directory = open(container)) {
            restore(container, directory);
        }
    }

    private void restore(RunningContainer container, LogDirectory directory) throws IOException {
        LOG.warn("a log was replaced by something else: pod={} container={}", container.pod(), container.container());
        directory.delete(current(container));
        runtime.reopenContainerLog(container.id());
    }

    private LogDirectory open(RunningContainer container) throws IOException {
        String ofPod = directories.logDirectoryName(container.pod(), nodes, container.uid());
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
                directory.rename(fresh, current); // the runtime keeps writing to this file
                throw e;
            }
            // The runtime gets a path and follows links, so a container may have placed a link just
            // before.
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

    /**
     * Larger files are not compressed, because a log that grows faster than that would get ever
     * larger files.
     */
    private long mostToCompress() {
        return Math.max(limits.maxBytes(), Math.min(limits.maxBytes(), Long.MAX_VALUE / 4) * 4);
    }

    /**
     * The rotated files, from the oldest. Removes what a crash has left and what is not a regular
     * file.
     */
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

    /**
     * Compresses a file; keeps it as it is if that fails, because the log must still be rotated.
     */
    private static void compress(RunningContainer container, LogDirectory directory, String name) {
        try {
            compress(directory, name);
        } catch (IOException e) {
            LOG.warn(
                    "cannot compress a log: pod={} container={} file={} error=\"{}\"",
                    container.pod(),
                    container.container(),
                    name,
                    FileProblem.of(e));
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
