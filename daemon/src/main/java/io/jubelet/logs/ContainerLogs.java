/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.logs;

import io.jubelet.node.SafeDirectory.Opened;
import io.jubelet.pod.NodeNames;
import io.jubelet.pod.PodName;
import io.jubelet.podfiles.LogDirectory;
import io.jubelet.podfiles.PodDirectories;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.NoSuchFileException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Reads the logs of container instances as the containers wrote them, rotated files included.
 *
 * <p>Safe for use by many threads.
 */
public final class ContainerLogs {

    private static final Duration PAUSE = Duration.ofMillis(100);
    /** Ten seconds in all, in which there is one rotation at most. */
    private static final int MAX_ATTEMPTS = 100;

    private final PodDirectories directories;
    private final NodeNames nodes;

    /**
     * One instance of a container.
     *
     * @param uid of the pod version
     */
    public record Instance(PodName pod, String uid, String container, int attempt) {
        public Instance {
            Objects.requireNonNull(pod, "pod");
            Objects.requireNonNull(uid, "uid");
            Objects.requireNonNull(container, "container");
        }

        private String current() {
            return attempt + ".log";
        }
    }

    /**
     * What to read.
     *
     * @param follow whether to continue until the instance has ended
     * @param tailLines how many lines from the end to copy; empty for all
     * @param timestamps whether each line is preceded by its time
     * @param oldest lines before this time are left out, and count towards {@code tailLines}
     */
    public record Options(boolean follow, OptionalLong tailLines, boolean timestamps, Optional<Instant> oldest) {
        public Options {
            Objects.requireNonNull(tailLines, "tailLines");
            Objects.requireNonNull(oldest, "oldest");
        }
    }

    public ContainerLogs(PodDirectories directories, NodeNames nodes) {
        this.directories = Objects.requireNonNull(directories, "directories");
        this.nodes = Objects.requireNonNull(nodes, "nodes");
    }

    /**
     * Copies a log as plain text. Blocks until the log is copied; with {@code follow}, until the
     * instance has ended and the rest of its log is copied.
     *
     * @param live whether the instance may still write; queried ten times a second
     * @param out flushed whenever everything present has been written
     * @throws NoSuchFileException if there is no such log
     */
    public void copy(Instance instance, Options options, BooleanSupplier live, OutputStream out)
            throws IOException, InterruptedException {
        LogLines lines = new LogLines(out, options.timestamps(), options.oldest());
        FollowedLog current = new FollowedLog(copyPresent(instance, options, lines));
        try {
            out.flush();
            boolean ended = false;
            while (options.follow()) {
                boolean mayWrite = live.getAsBoolean();
                if (current.drain(lines)) {
                    out.flush();
                    continue;
                }
                if (!mayWrite && ended) {
                    break;
                }
                ended = !mayWrite; // the runtime may report the end before it has written the last line
                Opened next = afterRotation(instance, current);
                if (next != null) {
                    current.drain(lines); // what was written between the last read and the rotation
                    current.close();
                    current = new FollowedLog(next);
                } else {
                    Thread.sleep(PAUSE);
                }
            }
        } finally {
            current.close();
        }
        lines.end();
        out.flush();
    }

    private LogDirectory open(Instance instance) throws IOException {
        String name = directories.logDirectoryName(instance.pod(), nodes, instance.uid());
        return LogDirectory.open(directories.logs(), name, instance.container());
    }

    /**
     * Copies everything present; returns the open file that is being written, read to its present
     * end.
     */
    private Opened copyPresent(Instance instance, Options options, LogLines lines)
            throws IOException, InterruptedException {
        LogFiles files = files(instance);
        boolean copied = false;
        try {
            copyAll(files, options, lines);
            files.closeRotated();
            copied = true;
            return files.current();
        } finally {
            if (!copied) {
                files.close();
            }
        }
    }

    /**
     * Opens the files of one moment. Waits for the end of a rotation, which takes milliseconds
     * unless the machine is busy.
     */
    private LogFiles files(Instance instance) throws IOException, InterruptedException {
        for (int attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
            try (LogDirectory directory = open(instance)) {
                Optional<LogFiles> files = LogFiles.open(directory, instance.attempt());
                if (files.isPresent()) {
                    return files.get();
                }
            }
            Thread.sleep(PAUSE);
        }
        throw new IOException("the log is being replaced repeatedly");
    }

    private static void copyAll(LogFiles files, Options options, LogLines lines) throws IOException {
        SeekableByteChannel current = files.current().channel();
        long position = 0;
        if (options.tailLines().isPresent()) {
            LogLines.Tail tail = LogLines.tail(current, options.tailLines().getAsLong());
            position = tail.position();
            copyTail(files.rotated(), tail.missing(), lines);
        } else {
            for (LogFiles.Rotated each : files.rotated()) {
                copy(each, 0, lines);
            }
        }
        current.position(position);
        drain(current, lines);
    }

    private static void copyTail(List<LogFiles.Rotated> rotated, long count, LogLines lines) throws IOException {
        Deque<LogFiles.Rotated> last = new ArrayDeque<>();
        long left = count;
        long skip = 0;
        for (int i = rotated.size() - 1; i >= 0 && left > 0; i--) {
            long there = count(rotated.get(i));
            last.addFirst(rotated.get(i));
            skip = Math.max(0, there - left);
            left -= there;
        }
        for (LogFiles.Rotated each : last) {
            copy(each, skip, lines);
            skip = 0;
        }
    }

    private static long count(LogFiles.Rotated rotated) throws IOException {
        long lines = 0;
        try (InputStream in = rotated.lines()) {
            byte[] block = new byte[16 << 10];
            for (int length = in.read(block); length >= 0; length = in.read(block)) {
                for (int i = 0; i < length; i++) {
                    lines += block[i] == '\n' ? 1 : 0;
                }
            }
        }
        return lines;
    }

    private static void copy(LogFiles.Rotated rotated, long skipLines, LogLines lines) throws IOException {
        try (InputStream in = rotated.lines()) {
            long skip = skipLines;
            byte[] block = new byte[16 << 10];
            for (int length = in.read(block); length >= 0; length = in.read(block)) {
                int from = 0;
                while (skip > 0 && from < length) {
                    skip -= block[from++] == '\n' ? 1 : 0;
                }
                System.arraycopy(block, from, block, 0, length - from);
                lines.accept(block, length - from);
            }
        }
    }

    /** Copies from the file's position to its end. */
    private static void drain(SeekableByteChannel file, LogLines lines) throws IOException {
        ByteBuffer block = ByteBuffer.allocate(16 << 10);
        while (file.read(block.clear()) > 0) {
            lines.accept(block.array(), block.position());
        }
    }

    /** The file that has replaced the one being read; null if none has. */
    private @Nullable Opened afterRotation(Instance instance, FollowedLog current) throws IOException {
        try (LogDirectory directory = open(instance)) {
            return directory.attributes(instance.current()).fileKey().equals(current.key())
                    ? null
                    : directory.open(instance.current());
        } catch (NoSuchFileException _) {
            return null; // during a rotation, or when the instance is removed
        }
    }
}
