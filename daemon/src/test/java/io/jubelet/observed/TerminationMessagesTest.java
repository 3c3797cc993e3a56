/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.observed;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.cri.ContainerId;
import io.jubelet.cri.ContainerMetadata;
import io.jubelet.cri.ContainerState;
import io.jubelet.cri.ContainerStatus;
import io.jubelet.cri.ImageSpec;
import io.jubelet.cri.Mount;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TerminationMessagesTest {

    @TempDir
    private Path dir;

    private Path words;
    private Path log;
    private String policy = "File";
    private String reason = "Error";
    private String message = "";
    private int exitCode = 1;

    @BeforeEach
    void createFiles() throws IOException {
        words = Files.createDirectories(dir.resolve("pods/uid/containers/app")).resolve("0");
        log = Files.createDirectories(dir.resolve("logs/default_web_uid/app")).resolve("0.log");
    }

    @Test
    void readsFile() throws IOException {
        file("first\nlast\n");
        assertEquals("first\nlast\n", words());
        message = "OOM";
        assertEquals("OOM: first\nlast\n", words());
    }

    @Test
    void readsEndOfLongFile() throws IOException {
        file("a".repeat(5000) + "end");
        assertEquals("a".repeat(4093) + "end", words());
    }

    @Test
    void keepsStartOfLongMessageOfRuntime() throws IOException {
        message = "r".repeat(4096);
        file("words");
        assertEquals(message + ": words", words());
        message = "r".repeat(4097);
        assertEquals("r".repeat(4096) + ": words", words());
        file("");
        message = "r".repeat(3_000_000);
        assertEquals("r".repeat(4096), words());
    }

    @Test
    void fallsBackToLogOnError() throws IOException {
        log(
                "2026-01-01T00:00:00Z stdout P par",
                "2026-01-01T00:00:00Z stdout F tial",
                "2026-01-01T00:00:00Z stderr F ");
        assertEquals("", words());
        policy = "FallbackToLogsOnError";
        assertEquals("partial\n\n", words());
        file("");
        assertEquals("partial\n\n", words());
        exitCode = 0;
        assertEquals("", words());
        exitCode = 1;
        reason = "ContainerCannotRun";
        assertEquals("", words());
        reason = "Error";
        file("said");
        assertEquals("said", words());
    }

    @Test
    void limitsLogTo80LinesAnd2048Bytes() throws IOException {
        policy = "FallbackToLogsOnError";
        log(lines(100, ""));
        assertEquals(IntStream.rangeClosed(21, 100).mapToObj(i -> i + "\n").collect(Collectors.joining()), words());
        log(lines(100, "x".repeat(100)));
        assertEquals(2048, words().length());
        assertTrue(words().endsWith("\n100" + "x".repeat(100) + "\n"));
        log(lines(3, "y".repeat(40_000)));
        assertEquals("y".repeat(2047) + "\n", words());
    }

    @Test
    void followsNoLinks() throws IOException {
        policy = "FallbackToLogsOnError";
        Path elsewhere = Files.createDirectory(dir.resolve("elsewhere"));
        Files.writeString(elsewhere.resolve("0"), "secret");
        Files.writeString(elsewhere.resolve("0.log"), "2026-01-01T00:00:00Z stdout F secret\n");
        Files.createSymbolicLink(words, elsewhere.resolve("0"));
        Files.createSymbolicLink(log, elsewhere.resolve("0.log"));
        assertFalse(words().contains("secret"), words());
        for (Path file : List.of(words, log)) { // the directory of the container, and those above it
            for (Path name = file.getParent(); !name.endsWith("pods") && !name.endsWith("logs"); ) {
                Files.deleteIfExists(file);
                Path aside = dir.resolve("aside");
                Files.move(name, aside);
                Path below = name.relativize(file.getParent());
                Path target = Files.createDirectories(
                        elsewhere.resolve("deep-" + name.getFileName()).resolve(below));
                Files.copy(elsewhere.resolve(file.getFileName()), target.resolve(file.getFileName()));
                Files.createSymbolicLink(name, elsewhere.resolve("deep-" + name.getFileName()));
                assertTrue(Files.exists(file));
                assertFalse(words().contains("secret"), name + ": " + words());
                Files.delete(name);
                Files.move(aside, name);
                name = name.getParent();
            }
        }
    }

    @Test
    void pipeInPlaceOfFileDoesNotBlock() throws Exception {
        policy = "FallbackToLogsOnError";
        for (Path file : List.of(words, log)) {
            assertEquals(
                    0, new ProcessBuilder("mkfifo", file.toString()).start().waitFor());
        }
        String told = assertTimeoutPreemptively(Duration.ofSeconds(60), this::words);
        assertTrue(told.contains("not a regular file"), told);
    }

    private static String[] lines(int count, String more) {
        return IntStream.rangeClosed(1, count)
                .mapToObj(i -> "2026-01-01T00:00:00.123456789Z stdout F " + i + more)
                .toArray(String[]::new);
    }

    private void file(String text) throws IOException {
        Files.writeString(words, text);
    }

    private void log(String... lines) throws IOException {
        Files.writeString(log, String.join("\n", lines) + "\n");
    }

    private String words() {
        return TerminationMessages.of(ContainerStatus.builder()
                .id(new ContainerId("c"))
                .metadata(new ContainerMetadata("c", 0))
                .state(ContainerState.EXITED)
                .image(ImageSpec.of("busybox"))
                .imageRef("sha256:busybox")
                .exitCode(exitCode)
                .reason(reason)
                .message(message)
                .annotations(
                        Map.of(Labels.TERMINATION_MESSAGE_PATH, "/words", Labels.TERMINATION_MESSAGE_POLICY, policy))
                .mounts(List.of(Mount.builder()
                        .hostPath(words.toString())
                        .containerPath("/words")
                        .build()))
                .logPath(log.toString())
                .build());
    }
}
