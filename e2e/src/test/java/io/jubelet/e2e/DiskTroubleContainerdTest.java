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
import io.jubelet.testing.Eventually;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What runs keeps running when the disk is full or read-only, or no descriptor is left, and all is as wanted afterwards. */
@OnContainerd
class DiskTroubleContainerdTest {

    private static final String WAITS = "! default/a: the new version is waiting, and the old one keeps running: ";

    private DaemonProcess daemon;

    @BeforeEach
    void makeDaemon() throws IOException {
        daemon = new DaemonProcess();
    }

    @AfterEach
    void stopDaemon() throws IOException {
        if (daemon != null) {
            daemon.close();
        }
    }

    @Test
    void aFullDiskEndsNothingAndHealsWhenThereIsRoom() throws Exception {
        mountRoot();
        daemon.start();
        daemon.write("a.yaml", pod("a", sleeper()));
        Container a = daemon.awaitRunning("a");
        Path filler = daemon.rootDir.resolve("filler");
        fill(filler);

        daemon.write("b.yaml", pod("b", sleeper()));
        daemon.write("a.yaml", pod("a", "echo v2; " + sleeper()));
        awaitTold(WAITS, "No space left on device");
        awaitTold("! default/b: ", "No space left on device");
        daemon.kill();
        daemon.start();
        awaitTold(WAITS, "No space left on device");
        assertEquals(a.id(), daemon.awaitRunning("a").id(), "the old version keeps running");

        Files.delete(filler);
        Container replaced = daemon.awaitReplaced("a", a);
        daemon.await("the new version", () -> daemon.output(replaced).equals("v2\n"));
        daemon.awaitRunning("b");
        daemon.remove("b.yaml");
        daemon.awaitGone("b");
        daemon.await("one directory of pods", () -> names(daemon.rootDir.resolve("pods")) == 1);
    }

    @Test
    void aReadOnlyDiskEndsNothingAndAnEditIsCarriedOutLater() throws Exception {
        daemon.start();
        daemon.write("a.yaml", pod("a", sleeper()));
        Container a = daemon.awaitRunning("a");
        // The disk itself is busy: the daemon holds a lock on it, and containers have files of it mounted.
        mount("--bind", daemon.rootDir.toString());
        mount("-o", "remount,bind,ro");
        daemon.write("a.yaml", pod("a", "echo v2; " + sleeper()));
        awaitTold(WAITS, "Read-only file system");
        assertEquals(0, daemon.stop());
        daemon.start();
        awaitTold(WAITS, "Read-only file system");
        assertEquals(a.id(), daemon.awaitRunning("a").id(), "the old version keeps running");
        Commands.shell(daemon.home, "umount -l " + daemon.rootDir);
        daemon.awaitReplaced("a", a);
    }

    @Test
    void anEditWaitsForWhatItLacksAndLeavesNothingWhenItIsTakenBack() throws Exception {
        daemon.start();
        daemon.write("a.yaml", pod("a", sleeper()));
        Container a = daemon.awaitRunning("a");
        Path file = daemon.home.resolve("config");
        String volume = "  volumes: [{name: v, hostPath: {path: " + file + ", type: File}}]";
        String edited = pod("a", sleeper(), volume) + "    volumeMounts: [{name: v, mountPath: /v}]\n";
        daemon.write("a.yaml", edited);
        awaitTold(WAITS, file + " is not a file");
        daemon.write("a.yaml", pod("a", sleeper()));
        daemon.await("the directories to be removed", () -> names(daemon.rootDir.resolve("pods")) == 1);
        assertEquals(a.id(), daemon.awaitRunning("a").id());

        daemon.write("a.yaml", edited.replace("hostPath: {path: " + file + ", type: File}", "secret: {secretName: s}"));
        awaitTold(WAITS, "secret \"s\" not found");
        assertEquals(a.id(), daemon.awaitRunning("a").id());
        Path secret = Files.writeString(daemon.home.resolve("s.yaml.new"), """
                apiVersion: v1
                kind: Secret
                metadata: {name: s}
                stringData: {key: value}
                """);
        Commands.shell(daemon.home, "chmod 600 s.yaml.new");
        Files.move(secret, daemon.manifests.resolve("s.yaml"));
        daemon.awaitReplaced("a", a);
    }

    /** The daemon may end when it lacks descriptors, as systemd starts it again; it must not lose a pod meanwhile. */
    @Test
    void aDaemonWithoutDescriptorsEndsNothing() throws Exception {
        daemon.start();
        daemon.write("a.yaml", pod("a", sleeper()));
        Container a = daemon.awaitRunning("a");
        limitDescriptors("10"); // fewer than it has open
        daemon.write("b.yaml", pod("b", sleeper()));
        daemon.write("a.yaml", pod("a", "echo v2; " + sleeper()));
        daemon.await("a sign of it", () -> !daemon.alive() || daemon.log().contains("Too many open files"));
        assertEquals(a.id(), daemon.awaitRunning("a").id(), "the old version keeps running");
        if (daemon.alive()) {
            limitDescriptors("4096");
        } else {
            daemon.start();
        }
        daemon.awaitReplaced("a", a);
        daemon.awaitRunning("b");
    }

    @Test
    void logsAreFollowedAcrossATruncation() throws Exception {
        daemon.start();
        daemon.write("talk.yaml", pod("talk", "i=0; while :; do i=$((i+1)); echo line $i; sleep 0.1; done"));
        daemon.awaitRunning("talk");
        try (Commands.Running log = daemon.follow("logs", "-f", "talk")) {
            daemon.await("some lines", () -> log.printed().contains("line 30\n"));
            Path file;
            try (Stream<Path> all = Files.walk(daemon.logs)) {
                file = all.filter(each -> each.endsWith("0.log")).findFirst().orElseThrow();
            }
            Files.newOutputStream(file, StandardOpenOption.TRUNCATE_EXISTING).close();
            int before = last(log.printed());
            daemon.await("lines after the truncation", () -> last(log.printed()) > before + 10);
            String printed = log.printed();
            List<String> lines =
                    printed.substring(0, printed.lastIndexOf('\n')).lines().toList();
            assertEquals(lines.size(), lines.stream().distinct().count(), "no line twice");
            assertTrue(lines.stream().allMatch(line -> line.matches("line \\d+")), "no part of a line: " + lines);
            assertFalse(printed.contains("\0"));
        }
    }

    private static int last(String out) {
        return out.lines()
                .reduce((_, line) -> line)
                .map(line -> Integer.parseInt(line.replaceAll("\\D", "0")))
                .orElse(0);
    }

    private void awaitTold(String begin, String end) {
        Eventually.within(PodsOnRuntime.SOON)
                .details(() -> daemon.cliQuietly("get", "pods") + daemon.details())
                .until(
                        begin + "..." + end,
                        () -> daemon.cliQuietly("get", "pods")
                                .lines()
                                .anyMatch(line -> line.startsWith(begin) && line.contains(end)));
    }

    private void mountRoot() throws Exception {
        Files.createDirectories(daemon.rootDir);
        mount("-t", "tmpfs", "-o", "size=8m", "tmpfs");
    }

    private void mount(String... options) throws Exception {
        List<String> command = Stream.of(Stream.of("mount"), Stream.of(options), Stream.of(daemon.rootDir.toString()))
                .flatMap(part -> part)
                .toList();
        Commands.Outcome outcome = Commands.run(command);
        assertEquals("", outcome.err(), command::toString);
    }

    private void limitDescriptors(String count) throws Exception {
        Commands.shell(daemon.home, "prlimit --pid " + daemon.pid() + " --nofile=" + count + ":4096");
    }

    private static void fill(Path file) throws IOException {
        byte[] block = new byte[4096];
        try (OutputStream out = Files.newOutputStream(file)) {
            while (true) {
                out.write(block);
            }
        } catch (IOException e) {
            assertTrue(String.valueOf(e.getMessage()).contains("No space left"), e::toString);
        }
    }

    private static long names(Path directory) {
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.count();
        } catch (IOException e) {
            return -1;
        }
    }
}
