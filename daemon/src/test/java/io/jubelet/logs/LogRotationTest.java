/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.logs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.cri.ContainerConfig;
import io.jubelet.cri.ContainerId;
import io.jubelet.cri.ContainerMetadata;
import io.jubelet.cri.ImageSpec;
import io.jubelet.cri.PodSandboxConfig;
import io.jubelet.cri.PodSandboxId;
import io.jubelet.cri.PodSandboxMetadata;
import io.jubelet.cri.simulated.SimulatedClock;
import io.jubelet.cri.simulated.SimulatedRuntime;
import io.jubelet.criconfig.Pods;
import io.jubelet.node.Mounts;
import io.jubelet.observed.RunningContainer;
import io.jubelet.pod.NodeNames;
import io.jubelet.pod.Pod;
import io.jubelet.podfiles.PodDirectories;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LogRotationTest {

    private static final String TIME = "2026-01-01T12:00:00.000000001Z ";

    @TempDir
    Path dir;

    private final Pod pod = Pods.pod(List.of(), Pods.shell("app", "true"));
    private final SimulatedRuntime simulated = SimulatedRuntime.createWritingLogs(SimulatedClock.manual(Instant.EPOCH));
    private Instant now = Instant.parse("2026-01-01T12:00:00Z");
    private PodDirectories directories;
    private Path log;
    private Path secret;

    @BeforeEach
    void open() throws IOException {
        directories = PodDirectories.open(dir.resolve("root"), dir.resolve("logs"), new Mounts());
        directories.make(pod);
        directories.makeLogDirectory(pod, "app", 0);
        log = directories.log(pod.name(), Pods.NODE, Pods.UID, "app", 0);
        secret = Files.writeString(dir.resolve("secret"), "secret\n".repeat(100));
    }

    @Test
    void rotatesALogThatHasGrownTooLarge() throws Exception {
        LogRotation rotation = rotation(100);
        RunningContainer running = running();
        for (int i = 0; i < 5; i++) {
            write(TIME + "stdout F " + String.valueOf(i).repeat(80) + "\n");
            rotation.check(running);
            rotation.check(running); // small again
            now = now.plusSeconds(10);
        }
        Set<String> files = new TreeSet<>(Set.of(log.getParent().toFile().list()));
        assertEquals(3, files.size(), files.toString());
        String compressed =
                files.stream().filter(name -> name.endsWith(".gz")).findFirst().orElseThrow();
        byte[] bytes = Files.readAllBytes(log.resolveSibling(compressed));
        String text =
                new String(new GZIPInputStream(new ByteArrayInputStream(bytes)).readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(TIME + "stdout F " + "3".repeat(80) + "\n", text);
        write(TIME + "stdout F new\n");
        String all = "3".repeat(80) + "\n" + "4".repeat(80) + "\nnew\n";
        assertEquals(all, read(OptionalLong.empty()));
        assertEquals(all, read(OptionalLong.of(3)));
        assertEquals("4".repeat(80) + "\nnew\n", read(OptionalLong.of(2)));
    }

    @Test
    void keepsTheLogWhenTheRuntimeDoesNotReopenIt() throws Exception {
        write(TIME + "stdout F text\n");
        rotation(10).check(new RunningContainer(new ContainerId("gone"), pod.name(), Pods.UID, "app", 0));
        assertEquals(List.of("0.log"), List.of(log.getParent().toFile().list()));
    }

    @Test
    void neitherCompressesNorFollowsLinksInThePlaceOfRotatedFiles() throws Exception {
        RunningContainer running = running();
        Path elsewhere = Files.createDirectory(dir.resolve("elsewhere"));
        Files.createSymbolicLink(log.resolveSibling("0.log.20260101-110000"), secret);
        Files.createSymbolicLink(log.resolveSibling("0.log.20260101-110001.gz"), secret);
        Files.createSymbolicLink(log.resolveSibling("0.log.20260101-110002.gz.tmp"), secret);
        Files.createSymbolicLink(log.resolveSibling("0.log.20260101-120000"), elsewhere); // the name of the next
        write(TIME + "stdout F " + "x".repeat(100) + "\n");
        rotation(100).check(running);
        assertEquals(Set.of("0.log", "0.log.20260101-120000"), files());
        assertEquals("x".repeat(100) + "\n", read(OptionalLong.empty()));
        assertUntouched();
        assertEquals(0, elsewhere.toFile().list().length);
    }

    @Test
    void replacesALinkInThePlaceOfTheLog() throws Exception {
        RunningContainer running = running();
        write(TIME + "stdout F text\n");
        Files.delete(log);
        Files.createSymbolicLink(log, secret);
        rotation(100).check(running);
        assertTrue(Files.isRegularFile(log, LinkOption.NOFOLLOW_LINKS));
        assertUntouched();
    }

    @Test
    void doesNotEnterADirectoryThatIsALink() throws Exception {
        RunningContainer running = running();
        Path elsewhere = Files.createDirectory(dir.resolve("elsewhere"));
        Files.writeString(elsewhere.resolve("0.log"), "secret\n".repeat(100));
        Files.writeString(elsewhere.resolve("0.log.20250101-000000"), "secret\n");
        Files.deleteIfExists(log);
        Files.delete(log.getParent());
        Files.createSymbolicLink(log.getParent(), elsewhere);
        rotation(100).check(running);
        assertEquals(
                Set.of("0.log", "0.log.20250101-000000"),
                Set.of(elsewhere.toFile().list()));
        assertEquals(700, Files.size(elsewhere.resolve("0.log")));
    }

    @Test
    void rotatesALogWhoseOlderFilesCannotBeCompressed() throws Exception {
        RunningContainer running = running();
        Files.writeString(log.resolveSibling("0.log.20260101-110000"), "older\n");
        Files.createDirectories(log.resolveSibling("0.log.20260101-110000.gz.tmp/full"));
        write(TIME + "stdout F " + "x".repeat(100) + "\n");
        rotation(100).check(running);
        assertEquals(0, Files.size(log));
        assertTrue(files().contains("0.log.20260101-120000"), files().toString());
    }

    @Test
    void checksAFastGrowingLogSooner() {
        LogRotation rotation = rotation(100);
        Duration interval = Duration.ofSeconds(10);
        assertEquals(interval, rotation.nextCheck(interval, 0));
        assertEquals(interval, rotation.nextCheck(interval, 100));
        assertEquals(Duration.ofSeconds(5), rotation.nextCheck(interval, 200));
        assertEquals(Duration.ofSeconds(1), rotation.nextCheck(interval, 100_000));
        assertEquals(Duration.ofMillis(20), rotation.nextCheck(Duration.ofMillis(20), 100_000));
    }

    @Test
    void doesNotCompressAFileFarBeyondTheLimit() throws Exception {
        RunningContainer running = running();
        Files.writeString(log.resolveSibling("0.log.20260101-110000"), "x".repeat(401));
        write(TIME + "stdout F " + "x".repeat(100) + "\n");
        rotation(100).check(running);
        assertEquals(Set.of("0.log", "0.log.20260101-110000", "0.log.20260101-120000"), files());
        Files.writeString(log.resolveSibling("0.log.20260101-120000"), "x".repeat(400));
        now = now.plusSeconds(1);
        write(TIME + "stdout F " + "x".repeat(100) + "\n");
        rotation(100).check(running);
        assertEquals(Set.of("0.log", "0.log.20260101-120000.gz", "0.log.20260101-120001"), files());
    }

    private void assertUntouched() throws IOException {
        assertEquals("secret\n".repeat(100), Files.readString(secret));
    }

    private Set<String> files() {
        return Set.of(log.getParent().toFile().list());
    }

    private LogRotation rotation(long maxBytes) {
        return new LogRotation(
                simulated.runtimeService(),
                directories,
                NodeNames.of(Pods.NODE),
                new LogRotation.Limits(maxBytes, 3),
                () -> now);
    }

    private RunningContainer running() {
        return new RunningContainer(run(), pod.name(), Pods.UID, "app", 0);
    }

    private ContainerId run() {
        simulated.images().add("busybox:latest");
        PodSandboxConfig sandbox = PodSandboxConfig.builder()
                .metadata(new PodSandboxMetadata("web-node1", Pods.UID, "default", 0))
                .logDirectory(log.getParent().getParent().toString())
                .build();
        PodSandboxId sandboxId = simulated.runtimeService().runPodSandbox(sandbox, "");
        ContainerConfig config = ContainerConfig.builder()
                .metadata(new ContainerMetadata("app", 0))
                .image(ImageSpec.of("busybox:latest"))
                .logPath("app/0.log")
                .build();
        ContainerId id = simulated.runtimeService().createContainer(sandboxId, config, sandbox);
        simulated.runtimeService().startContainer(id);
        return id;
    }

    private void write(String text) throws IOException {
        Files.writeString(log, text, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    private String read(OptionalLong tail) throws IOException, InterruptedException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ContainerLogs.Instance app = new ContainerLogs.Instance(pod.name(), Pods.UID, "app", 0);
        new ContainerLogs(directories, NodeNames.of(Pods.NODE))
                .copy(app, new ContainerLogs.Options(false, tail, false, Optional.empty()), () -> false, out);
        return out.toString(StandardCharsets.UTF_8);
    }
}
