/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.logs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import io.jubelet.criconfig.Pods;
import io.jubelet.node.Mounts;
import io.jubelet.pod.NodeNames;
import io.jubelet.pod.Pod;
import io.jubelet.podfiles.PodDirectories;
import io.jubelet.testing.Eventually;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ContainerLogsTest {

    private static final String TIME = "2026-01-01T12:00:00.000000001Z ";
    private static final String LATER = "2026-01-01T13:00:00.000000001Z ";

    @TempDir
    Path dir;

    private final Pod pod = Pods.pod(List.of(), Pods.shell("app", "true"));
    private PodDirectories directories;
    private Path log;

    @BeforeEach
    void open() throws IOException {
        directories = PodDirectories.open(dir.resolve("root"), dir.resolve("logs"), new Mounts());
        directories.make(pod);
        directories.makeLogDirectory(pod, "app", 0);
        log = directories.log(pod.name(), Pods.NODE, Pods.UID, "app", 0);
    }

    @Test
    void joinsPartsOfALine() throws Exception {
        write(TIME + "stdout P one, \n" + TIME + "stdout P two, \n" + TIME + "stderr F three\n" + TIME + "stdout F \n");
        assertEquals("one, two, three\n\n", copy(false, OptionalLong.empty(), false, () -> false));
        assertEquals(TIME + "one, two, three\n" + TIME + "\n", copy(false, OptionalLong.empty(), true, () -> false));
    }

    @Test
    void copiesLinesOfOtherFormats() throws Exception {
        write("garbage\n" + TIME + "stdout F:x tagged\n" + TIME + "stdout F half");
        assertEquals("garbage\ntagged\nhalf\n", copy(true, OptionalLong.empty(), false, () -> false));
    }

    @Test
    void omitsOldLines() throws Exception {
        write("""
                2026-01-01T12:00:00.999999999Z stdout F old
                2026-01-01T12:00:00.5Z stdout P begun early,\s
                2026-01-01T12:00:09Z stdout F ended late
                garbage
                2026-01-01T12:00:01Z stderr F exactly
                2026-01-01T14:00:02.25+02:00 stdout P in,\s
                2026-01-01T12:00:02.5Z stdout F parts
                soon stdout F at no time
                """);
        Optional<Instant> oldest = Optional.of(Instant.parse("2026-01-01T12:00:01Z"));
        assertEquals(
                "garbage\nexactly\nin, parts\nat no time\n",
                copy(new ContainerLogs.Options(false, OptionalLong.empty(), false, oldest), () -> false));
        assertEquals(
                "at no time\n", copy(new ContainerLogs.Options(false, OptionalLong.of(1), false, oldest), () -> false));
    }

    @Test
    void readsTheTail() throws Exception {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 20_000; i++) {
            text.append(TIME).append("stdout F ").append(i).append('\n');
        }
        write(text.toString());
        assertEquals("19998\n19999\n", copy(false, OptionalLong.of(2), false, () -> false));
        assertEquals("", copy(false, OptionalLong.of(0), false, () -> false));
        assertEquals(
                20_000,
                copy(false, OptionalLong.of(30_000), false, () -> false).lines().count());
        assertEquals(
                12_345,
                copy(false, OptionalLong.of(12_345), false, () -> false).lines().count());
    }

    @Test
    void followsAcrossRotationToTheEnd() throws Exception {
        write(TIME + "stdout F 1\n");
        AtomicInteger step = new AtomicInteger();
        String text = copy(true, OptionalLong.empty(), false, () -> switch (step.incrementAndGet()) {
            case 1 -> written(TIME + "stdout F 2\n");
            case 2 -> true;
            case 3 -> {
                rename();
                yield written(TIME + "stdout F 3\n");
            }
            case 4, 5 -> true;
            case 6 -> written(TIME + "stdout F 4\n");
            default -> false;
        });
        assertEquals("1\n2\n3\n4\n", text);
    }

    /** As logrotate does with copytruncate. */
    @Test
    void followsAcrossATruncation() throws Exception {
        write(TIME + "stdout F 1 of a longer line\n" + TIME + "stdout F 2\n" + TIME + "stdout F ha");
        AtomicInteger step = new AtomicInteger();
        String text = copy(true, OptionalLong.empty(), false, () -> switch (step.incrementAndGet()) {
            case 1 -> true;
            case 2 -> truncated("");
            case 3 -> written(TIME + "stdout F 3\n");
            case 4 -> true;
            // Between two looks it has grown beyond its former size.
            case 5 -> truncated(LATER + "stdout F 4\n" + LATER + "stdout F 5\n");
            case 6 -> true;
            case 7 -> written(LATER + "stdout F 6\n");
            default -> false;
        });
        assertEquals("1 of a longer line\n2\n3\n4\n5\n6\n", text);
    }

    private boolean truncated(String text) {
        try {
            Files.writeString(log, text, StandardOpenOption.TRUNCATE_EXISTING);
            return true;
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @Test
    void readsEachLineOnceWhileFilesAreRotated() throws Exception {
        Path oldest = log.resolveSibling("0.log.20260101-100000.gz");
        Path older = log.resolveSibling("0.log.20260101-110000");
        compressed(oldest, TIME + "stdout F 1\n");
        Files.writeString(older, TIME + "stdout F 2\n");
        write(TIME + "stdout F 3\n");
        ByteArrayOutputStream out = new ByteArrayOutputStream() {
            @Override
            public synchronized void write(byte[] bytes, int offset, int length) {
                if (Files.exists(oldest)) {
                    rotate();
                }
                super.write(bytes, offset, length);
            }

            private void rotate() {
                try {
                    Files.delete(oldest);
                    rename();
                    ContainerLogsTest.this.write(TIME + "stdout F 4\n");
                    compressed(Path.of(older + ".gz"), TIME + "stdout F 2\n");
                    Files.delete(older);
                } catch (IOException e) {
                    throw new java.io.UncheckedIOException(e);
                }
            }
        };
        copy(new ContainerLogs.Options(false, OptionalLong.empty(), false, Optional.empty()), () -> false, out);
        assertEquals("1\n2\n3\n", out.toString(StandardCharsets.UTF_8));
        assertEquals("2\n3\n4\n", copy(false, OptionalLong.empty(), false, () -> false));
        assertEquals("2\n3\n4\n", copy(false, OptionalLong.of(3), false, () -> false));
    }

    @Test
    void readsEachLineOnceIfAFileExistsTwice() throws Exception {
        Path older = log.resolveSibling("0.log.20260101-110000");
        Files.writeString(older, TIME + "stdout F 1\n");
        compressed(Path.of(older + ".gz"), TIME + "stdout F 1\n");
        write(TIME + "stdout F 2\n");
        assertEquals("1\n2\n", copy(false, OptionalLong.empty(), false, () -> false));
    }

    @Test
    void waitsForTheRuntimeToCreateTheNextFile() throws Exception {
        write(TIME + "stdout F 1\n");
        rename();
        AtomicReference<String> read = new AtomicReference<>();
        Thread reader = Thread.ofPlatform().start(() -> {
            try {
                read.set(copy(false, OptionalLong.empty(), false, () -> true));
            } catch (IOException | InterruptedException e) {
                read.set(e.toString());
            }
        });
        Eventually.await(
                "the reader to wait", () -> reader.getState() == Thread.State.TIMED_WAITING || !reader.isAlive());
        write(TIME + "stdout F 2\n");
        reader.join();
        assertEquals("1\n2\n", read.get());
    }

    private static void compressed(Path file, String text) throws IOException {
        try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(file))) {
            out.write(text.getBytes(StandardCharsets.UTF_8));
        }
    }

    @Test
    void followsToALineThatIsWrittenAfterTheEndIsReported() throws Exception {
        write(TIME + "stdout F 1\n");
        AtomicInteger step = new AtomicInteger();
        String text = copy(true, OptionalLong.empty(), false, () -> {
            if (step.incrementAndGet() == 2) {
                written(TIME + "stdout F last\n");
            }
            return false;
        });
        assertEquals("1\nlast\n", text);
    }

    @Test
    void doesNotFollowLinksOutOfTheLogs() throws Exception {
        Path secret = Files.writeString(dir.resolve("secret"), "secret\n");
        Files.createSymbolicLink(log, secret);
        assertThrows(IOException.class, () -> copy(false, OptionalLong.empty(), false, () -> false));
        Files.delete(log);
        Path elsewhere = Files.createDirectory(dir.resolve("elsewhere"));
        Files.writeString(elsewhere.resolve("0.log"), "secret\n");
        Files.delete(log.getParent());
        Files.createSymbolicLink(log.getParent(), elsewhere);
        assertThrows(IOException.class, () -> copy(false, OptionalLong.empty(), false, () -> false));
    }

    @Test
    void throwsIfThereIsNoLog() {
        assertThrows(NoSuchFileException.class, () -> copy(true, OptionalLong.empty(), false, () -> true));
    }

    @Test
    void omitsRotatedFilesThatAreLinks() throws Exception {
        Path secret = Files.writeString(dir.resolve("secret"), "secret\n");
        write(TIME + "stdout F text\n");
        Files.createSymbolicLink(log.resolveSibling("0.log.20260101-120000"), secret);
        Files.createSymbolicLink(log.resolveSibling("0.log.20260101-110000.gz"), secret);
        Files.createDirectory(log.resolveSibling("0.log.20260101-100000"));
        assertEquals("text\n", copy(false, OptionalLong.empty(), false, () -> false));
        assertEquals("text\n", copy(false, OptionalLong.of(5), false, () -> false));
    }

    @Test
    void aLongLineIsCopiedWhole() throws Exception {
        write("x".repeat(1 << 20));
        write("y\n");
        String text = copy(false, OptionalLong.empty(), false, () -> false);
        assertEquals("x".repeat(1 << 20) + "y\n", text);
    }

    @Test
    void aPipeInThePlaceOfALogDoesNotBlock() throws Exception {
        assertEquals(0, new ProcessBuilder("mkfifo", log.toString()).start().waitFor());
        assertTimeoutPreemptively(
                Duration.ofSeconds(20),
                () -> assertThrows(IOException.class, () -> copy(false, OptionalLong.empty(), false, () -> false)));
    }

    private void write(String text) throws IOException {
        Files.writeString(log, text, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    private boolean written(String text) {
        try {
            write(text);
            return true;
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private void rename() {
        try {
            Files.move(log, log.resolveSibling("0.log.20260101-120000"));
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private String copy(boolean follow, OptionalLong tail, boolean timestamps, BooleanSupplier live)
            throws IOException, InterruptedException {
        return copy(new ContainerLogs.Options(follow, tail, timestamps, Optional.empty()), live);
    }

    private String copy(ContainerLogs.Options options, BooleanSupplier live) throws IOException, InterruptedException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        copy(options, live, out);
        return out.toString(StandardCharsets.UTF_8);
    }

    private void copy(ContainerLogs.Options options, BooleanSupplier live, OutputStream out)
            throws IOException, InterruptedException {
        new ContainerLogs(directories, NodeNames.of(Pods.NODE))
                .copy(new ContainerLogs.Instance(pod.name(), Pods.UID, "app", 0), options, live, out);
    }
}
