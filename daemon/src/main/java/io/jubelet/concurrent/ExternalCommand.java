/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.concurrent;

import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A program whose standard output is the result. Each {@link #run} starts a process, and kills it with all its descendants when
 * its time is over or the calling thread is interrupted. Immutable.
 *
 * @param name name of the threads that read and write
 * @param command the program and its arguments
 * @param environment variables in addition to those of the daemon
 * @param input the standard input; empty if there is none
 * @param deadline how long the process may run
 */
public record ExternalCommand(
        String name, List<String> command, Map<String, String> environment, Optional<String> input, Duration deadline) {

    private static final int MAX_OUTPUT_BYTES = 1 << 20;
    private static final int MAX_ERROR_CHARS = 300;
    /** How long to read after the end of the process; a descendant may hold its output open for ever. */
    private static final Duration DRAIN_TIME = Duration.ofSeconds(2);

    /** Thrown when there is no result. The message follows the name of the program, and contains no standard output. */
    public static final class FailedException extends Exception {
        private static final long serialVersionUID = 1L;

        FailedException(String message, @Nullable Throwable cause) {
            super(message, cause);
        }
    }

    public ExternalCommand {
        Objects.requireNonNull(name, "name");
        command = List.copyOf(command);
        environment = Map.copyOf(environment);
        Objects.requireNonNull(input, "input");
        Objects.requireNonNull(deadline, "deadline");
    }

    /** Returns the program without arguments, environment and input, because they may contain secrets. */
    @Override
    public String toString() {
        return command.getFirst();
    }

    /**
     * Runs the program and waits for its end.
     *
     * @return its standard output
     * @throws FailedException if it cannot be run, exceeds its deadline, writes more than 1 MiB, or ends with an exit code other
     *     than 0; the message then contains the end of its standard error
     */
    public String run() throws FailedException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().putAll(environment);
        if (input.isEmpty()) {
            builder.redirectInput(new File("/dev/null"));
        }
        Process process;
        try {
            process = builder.start();
        } catch (IOException e) {
            throw new FailedException("cannot be run: " + e.getMessage(), e);
        }
        try {
            return result(process);
        } finally {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
    }

    private String result(Process process) throws FailedException, InterruptedException {
        OutputReader out = new OutputReader(process.getInputStream());
        ErrorReader err = new ErrorReader(process.getErrorStream());
        // A read from a pipe holds the carrier of a virtual thread until the program writes or ends.
        BackgroundTask outReader = Threads.startPlatformTask(name, out);
        BackgroundTask errReader = Threads.startPlatformTask(name, err);
        if (input.isPresent()) {
            Threads.startPlatform(name, () -> write(input.get(), process.getOutputStream()));
        }
        if (!process.waitFor(deadline.toMillis(), TimeUnit.MILLISECONDS)) {
            throw new FailedException("did not end within " + seconds(deadline) + " s", null);
        }
        outReader.awaitEnd(DRAIN_TIME);
        if (out.tooLong()) {
            throw new FailedException("wrote more than " + MAX_OUTPUT_BYTES + " bytes", null);
        }
        if (process.exitValue() != 0) {
            errReader.awaitEnd(DRAIN_TIME);
            throw new FailedException("ended with exit code " + process.exitValue() + err.text(), null);
        }
        return out.text();
    }

    private static String seconds(Duration time) {
        return time.toMillis() % 1000 == 0
                ? Long.toString(time.toSeconds())
                : Double.toString(time.toMillis() / 1000.0);
    }

    private static void write(String input, OutputStream in) {
        try (in) {
            in.write(input.getBytes(StandardCharsets.UTF_8));
        } catch (IOException _) {
            // A program that does not read its input may have ended already; its output and exit code decide.
        }
    }

    /** Reads the standard output. */
    private static final class OutputReader implements Runnable {
        private final InputStream from;
        /** Written by the reading thread, read by the waiting one; the class is synchronized. */
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

        OutputReader(InputStream from) {
            this.from = from;
        }

        @Override
        public void run() {
            byte[] piece = new byte[8192];
            // Closing the stream when the output is too long ends a program that keeps writing.
            try (from) {
                for (int n = from.read(piece); n >= 0 && !tooLong(); n = from.read(piece)) {
                    bytes.write(piece, 0, n);
                }
            } catch (IOException _) {
                return; // the process was killed, which the waiting thread reports
            }
        }

        boolean tooLong() {
            return bytes.size() > MAX_OUTPUT_BYTES;
        }

        String text() {
            return bytes.toString(StandardCharsets.UTF_8);
        }
    }

    /** Reads the standard error, and keeps the end of it. */
    private static final class ErrorReader implements Runnable {
        private final InputStream from;
        /** The last bytes; more than the message shows, because the message omits white space. */
        private volatile byte[] end = {};

        ErrorReader(InputStream from) {
            this.from = from;
        }

        @Override
        public void run() {
            byte[] piece = new byte[4 * MAX_ERROR_CHARS];
            try (from) {
                for (int n = from.read(piece); n >= 0; n = from.read(piece)) {
                    keep(piece, n);
                }
            } catch (IOException _) {
                return; // the process was killed, which the waiting thread reports
            }
        }

        private void keep(byte[] piece, int length) {
            int old = Math.min(end.length, 8 * MAX_ERROR_CHARS - length);
            byte[] kept = new byte[old + length];
            System.arraycopy(end, end.length - old, kept, 0, old);
            System.arraycopy(piece, 0, kept, old, length);
            end = kept;
        }

        String text() {
            String line = new String(end, StandardCharsets.UTF_8).strip().replaceAll("\\s+", " ");
            if (line.isEmpty()) {
                return "";
            }
            return ": "
                    + (line.length() > MAX_ERROR_CHARS
                            ? "..." + line.substring(line.length() - MAX_ERROR_CHARS)
                            : line);
        }
    }
}
