/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.e2e;

import static org.junit.jupiter.api.Assertions.fail;

import io.jubelet.testing.Eventually;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/** Programs that tests run, Jubelet's own among them. */
final class Commands {

    /** Longer than any command that ends by itself may take. */
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private Commands() {}

    /** The root of the source tree. */
    static Path source() {
        return Path.of("").toAbsolutePath().getParent();
    }

    /** That of the tests. */
    static String classPath() {
        String path = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        return Arrays.stream(path.split(File.pathSeparator))
                .map(entry -> Path.of(entry).toAbsolutePath().normalize().toString())
                .collect(Collectors.joining(File.pathSeparator));
    }

    /** The command line that runs Jubelet from the classes under test. */
    static List<String> jubelet(Path apiSocket, String... arguments) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Xmx144m", // what bin/jubelet gives a daemon of 110 pods, and a little
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-cp",
                classPath(),
                "io.jubelet.cli.Main",
                "--api-socket=" + apiSocket));
        command.addAll(List.of(arguments));
        return command;
    }

    /** What a program printed and how it ended. */
    record Outcome(int exitCode, String out, String err) {}

    /** Runs a program to its end. */
    static Outcome run(List<String> command) throws IOException, InterruptedException {
        Path err = Files.createTempFile("jubelet-e2e", ".err");
        try {
            Process process =
                    new ProcessBuilder(command).redirectError(err.toFile()).start();
            process.getOutputStream().close();
            String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
                process.destroyForcibly();
                fail("does not end: " + command);
            }
            return new Outcome(process.exitValue(), out, Files.readString(err));
        } finally {
            Files.delete(err);
        }
    }

    /** Runs a line of shell that must succeed, in a directory. */
    static String shell(Path directory, String line) throws IOException, InterruptedException {
        Process process = new ProcessBuilder("sh", "-c", line)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectInput(Path.of("/dev/null").toFile())
                .start();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            fail(line + " ended with " + process.exitValue() + ": " + out);
        }
        return out;
    }

    /** Starts a program in the background. */
    static Running start(List<String> command) throws IOException {
        return new Running(new ProcessBuilder(command).redirectErrorStream(true).start());
    }

    /** A program that runs, and what it has printed so far. */
    static final class Running implements AutoCloseable {

        private final Process process;
        private final StringBuffer printed = new StringBuffer();
        private final Thread collector;

        private Running(Process process) {
            this.process = process;
            this.collector =
                    Thread.ofVirtual().name("output of " + process.pid()).start(this::collect);
        }

        private void collect() {
            try (InputStream in = process.getInputStream();
                    Reader reader = new InputStreamReader(in, StandardCharsets.UTF_8)) {
                char[] part = new char[4096];
                for (int n = reader.read(part); n >= 0; n = reader.read(part)) {
                    printed.append(part, 0, n);
                }
            } catch (IOException e) {
                printed.append(e);
            }
        }

        String printed() {
            return printed.toString();
        }

        long pid() {
            return process.pid();
        }

        void awaitPrinted(String text) {
            Eventually.await("\"" + text + "\"", this::printed, printed -> printed.contains(text));
        }

        /** Waits until it has ended and all that it printed is here, and returns its exit code. */
        int awaitEnd() {
            return awaitEnd(DaemonProcess.SOON);
        }

        /** As {@link #awaitEnd()}, for a program that takes longer. */
        int awaitEnd(Duration atMost) {
            Eventually.within(atMost)
                    .details(this::printed)
                    .until("the end of the program", () -> !process.isAlive() && !collector.isAlive());
            return process.exitValue();
        }

        @Override
        public void close() {
            process.destroyForcibly();
            process.onExit().join();
        }
    }
}
