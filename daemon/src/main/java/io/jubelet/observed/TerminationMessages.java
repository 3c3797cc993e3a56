/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.observed;

import io.jubelet.cri.ContainerStatus;
import io.jubelet.cri.Mount;
import io.jubelet.document.FileProblem;
import io.jubelet.node.SafeDirectory;
import io.jubelet.pod.TerminationMessage.Policy;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;

/**
 * The termination message of a container: the message of the runtime, and the file or log that its
 * spec names.
 *
 * <p>Everything is in its status and on the disk, so a restarted daemon finds the same. Source: the
 * Kubernetes page on determining the reason for pod failure, and the kubelet for the limits.
 */
final class TerminationMessages {

    /** How many bytes at the end of the file are kept. */
    private static final int FILE_BYTES = 4096;

    /** How many characters of the runtime's own message are kept, as many as of the file. */
    private static final int RUNTIME_CHARACTERS = 4096;

    /** How many bytes of the end of the log replace the file. */
    private static final int LOG_BYTES = 2048;

    /** How many lines of the log replace the file. */
    private static final int LOG_LINES = 80;

    /** How much of a log is read. Lines start with a time and a stream, but are rarely longer. */
    private static final int LOG_BLOCK = 64 << 10;

    /** The pod's UID, {@code containers}, the container, the instance. */
    private static final int NAMES_IN_FILE = 4;

    /** The pod's name and UID, the container, the instance. */
    private static final int NAMES_IN_LOG = 3;

    private TerminationMessages() {}

    /** Returns the message of a container that has exited; may be empty. */
    static String of(ContainerStatus status) {
        String message = message(status);
        String runtime = status.message();
        if (runtime.length() > RUNTIME_CHARACTERS) {
            runtime = runtime.substring(0, RUNTIME_CHARACTERS);
        }
        return runtime + (runtime.isEmpty() || message.isEmpty() ? "" : ": ") + message;
    }

    private static String message(ContainerStatus status) {
        String path = status.annotations().getOrDefault(Labels.TERMINATION_MESSAGE_PATH, "");
        try {
            for (Mount mount : status.mounts()) {
                if (!path.isEmpty() && mount.containerPath().equals(path)) {
                    byte[] end = end(Path.of(mount.hostPath()), NAMES_IN_FILE, FILE_BYTES);
                    if (end.length > 0) {
                        return new String(end, StandardCharsets.UTF_8);
                    }
                }
            }
        } catch (IOException e) {
            return "Error on reading termination log " + path + ": " + FileProblem.of(e);
        }
        boolean fallback =
                Policy.FallbackToLogsOnError.name().equals(status.annotations().get(Labels.TERMINATION_MESSAGE_POLICY));
        boolean wrote = status.exitCode() != 0 && !status.reason().equals("ContainerCannotRun");
        return fallback && wrote && !status.logPath().isEmpty() ? ofLog(Path.of(status.logPath())) : "";
    }

    private static String ofLog(Path log) {
        try {
            byte[] end = end(log, NAMES_IN_LOG, LOG_BLOCK);
            byte[] text = new byte[end.length];
            int from = lastLines(end);
            int length = 0;
            while (from < end.length) {
                int lineEnd = from;
                while (lineEnd < end.length && end[lineEnd] != '\n') {
                    lineEnd++;
                }
                int started = from;
                for (int blanks = 0; blanks < 3 && started < lineEnd; started++) {
                    blanks += end[started] == ' ' ? 1 : 0;
                }
                boolean whole = started > from + 1 && end[started - 2] != 'P';
                System.arraycopy(end, started, text, length, lineEnd - started);
                length += lineEnd - started;
                if (whole) {
                    text[length++] = '\n';
                }
                from = lineEnd + 1;
            }
            byte[] last = Arrays.copyOfRange(text, Math.max(0, length - LOG_BYTES), length);
            return new String(last, StandardCharsets.UTF_8);
        } catch (IOException e) {
            return "Error on reading the log: " + FileProblem.of(e);
        }
    }

    /** Returns where the last lines begin in the end of a log. */
    private static int lastLines(byte[] end) {
        int lines = 0;
        for (int i = end.length - 2; i >= 0; i--) {
            if (end[i] == '\n' && ++lines == LOG_LINES) {
                return i + 1;
            }
        }
        if (end.length < LOG_BLOCK) {
            return 0;
        }
        int first = 0; // the first line began before this block
        while (first < end.length && end[first] != '\n') {
            first++;
        }
        return first + 1;
    }

    /**
     * Returns the last bytes of a file; none if it does not exist. A link in its place or in that
     * of a directory of the pod is not followed, because Jubelet creates none there.
     *
     * @param names how many names of the path belong to the pod; the names before are trusted
     */
    private static byte[] end(Path file, int names, int atMost) throws IOException {
        int first = file.getNameCount() - names;
        if (!file.isAbsolute() || first < 1) {
            return new byte[0];
        }
        String[] directories = new String[names - 1];
        for (int i = 0; i < directories.length; i++) {
            directories[i] = file.getName(first + i).toString();
        }
        Path trusted = file.getRoot().resolve(file.subpath(0, first));
        try (SafeDirectory directory = SafeDirectory.open(trusted, directories);
                SafeDirectory.Opened opened = directory.open(file.getFileName().toString(), StandardOpenOption.READ)) {
            SeekableByteChannel channel = opened.channel();
            long size = channel.size();
            ByteBuffer bytes = ByteBuffer.allocate((int) Math.min(size, atMost));
            channel.position(size - bytes.capacity());
            while (bytes.hasRemaining() && channel.read(bytes) >= 0) {
                // until the end
            }
            return Arrays.copyOf(bytes.array(), bytes.position());
        } catch (NoSuchFileException | NotDirectoryException _) {
            return new byte[0];
        }
    }
}
