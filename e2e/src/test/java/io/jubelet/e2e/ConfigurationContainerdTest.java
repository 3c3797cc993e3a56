/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.e2e;

import static io.jubelet.e2e.DaemonProcess.pod;
import static io.jubelet.e2e.DaemonProcess.sleeper;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.cri.Container;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What {@code --config} and the flags do to a daemon on real containerd. */
@OnContainerd
class ConfigurationContainerdTest {

    private DaemonProcess daemon;

    @AfterEach
    void stopDaemon() throws IOException {
        if (daemon != null) {
            daemon.close();
        }
    }

    private DaemonProcess with(String lines, String... flags) throws IOException {
        List<String> options = Stream.concat(
                        Stream.of("--config=" + ConfigFiles.write("configuration", lines)), Stream.of(flags))
                .toList();
        daemon = new DaemonProcess(options.toArray(String[]::new));
        return daemon;
    }

    @Test
    void logsAreRotatedAtTheSizeOfTheConfigurationAndReadAsOne() throws Exception {
        with("containerLogMaxSize: 64Ki\ncontainerLogMaxFiles: 3\ncontainerLogMonitorInterval: 3s")
                .start();
        String script =
                "i=0; while :; do i=$((i+1)); echo line $i $(seq -s, 60); [ $((i % 100)) = 0 ] && sleep 1; done";
        daemon.write("chatty.yaml", pod("chatty", script));
        Container chatty = daemon.awaitRunning("chatty");
        Path current = Path.of(daemon.status(chatty).logPath());
        daemon.await("rotated files", () -> names(current.getParent()).size() == 3);
        daemon.await(
                "the oldest to be compressed",
                () -> names(current.getParent()).stream().anyMatch(name -> name.endsWith(".gz")));
        String first = firstRotated(current.getParent());
        daemon.await("the oldest to go", () -> !names(current.getParent()).contains(first));
        // A file that is being compressed is there twice meanwhile.
        daemon.await(
                "no more files than there may be",
                () -> names(current.getParent()).size() <= 3);
        assertEquals(chatty.id(), daemon.awaitRunning("chatty").id());
        Commands.Outcome tail = daemon.jubelet("logs", "chatty", "--tail", "300");
        assertEquals(0, tail.exitCode(), tail.err());
        List<String> lines = tail.out().lines().toList();
        assertFalse(lines.isEmpty());
        long before = number(lines.getFirst()) - 1;
        for (String line : lines) {
            assertEquals(++before, number(line), "a gap or a repetition");
        }
        assertEquals(
                20,
                daemon.jubelet("logs", "chatty", "--since=1h", "--limit-bytes=20")
                        .out()
                        .length());
        assertEquals("", daemon.cli("logs", "chatty", "--since-time=2999-01-01T00:00:00Z"));
    }

    private static long number(String line) {
        return Long.parseLong(line.split(" ")[1]);
    }

    private static List<String> names(Path directory) {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(path -> path.getFileName().toString()).sorted().toList();
        } catch (IOException e) {
            return List.of();
        }
    }

    private static String firstRotated(Path directory) {
        return names(directory).stream()
                .filter(name -> !name.equals("0.log"))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void anUnknownFieldIsAnErrorWithItsPositionAndASuggestion() throws Exception {
        with("containerLogMaxSise: 64Ki\npodsPerCore: 20");
        Commands.Outcome outcome = Commands.run(daemon.command());
        String text = outcome.out() + outcome.err();
        assertEquals(1, outcome.exitCode(), text);
        assertTrue(
                text.matches("(?s).*ERROR[^\n]*\\.yaml:3:1: containerLogMaxSise: [^\n]*containerLogMaxSize.*"), text);
        assertTrue(text.matches("(?s).*WARN[^\n]*\\.yaml:4:1: podsPerCore: [^\n]*no effect.*"), text);
    }

    @Test
    void missingConfigurationIsReportedWithItsPath() throws Exception {
        daemon = new DaemonProcess("--config=/no/such/kubelet.yaml");
        Commands.Outcome outcome = Commands.run(daemon.command());
        assertEquals(1, outcome.exitCode());
        assertTrue(
                outcome.err().contains("the configuration cannot be read: /no/such/kubelet.yaml does not exist"),
                outcome.err());
    }

    @Test
    void aKnownFieldWithoutEffectIsAWarningAndAFlagWinsOverTheFile() throws Exception {
        with("staticPodPath: /no/such/directory\npodsPerCore: 20").start();
        daemon.write("web.yaml", pod("web", sleeper()));
        daemon.awaitRunning("web");
        assertTrue(daemon.log().matches("(?s).*WARN[^\n]*:4:1: podsPerCore: [^\n]*no effect.*"), daemon.log());
        assertFalse(daemon.log().contains("/no/such/directory"), daemon.log());
    }
}
