/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.e2e;

import static io.jubelet.e2e.DaemonProcess.pod;
import static io.jubelet.e2e.DaemonProcess.sleeper;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.cri.Container;
import io.jubelet.cri.PodSandbox;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Dead containers and sandboxes, and their logs, are kept as the kubelet's flags say. */
@OnContainerd
class DeadContainersContainerdTest {

    @TempDir
    Path directory;

    private DaemonProcess daemon;

    @AfterEach
    void stop() throws IOException {
        if (daemon != null) {
            daemon.close();
        }
    }

    /** Containers are started again after a second. */
    private void start(String... flags) throws IOException {
        Path config = Files.writeString(directory.resolve("config.yaml"), """
                apiVersion: kubelet.config.k8s.io/v1beta1
                kind: KubeletConfiguration
                crashLoopBackOff: {maxContainerRestartPeriod: 1s}
                """);
        daemon = new DaemonProcess(flags).start("--config=" + config);
    }

    private Container crashed(String pod, int times) {
        Container running = daemon.awaitRunning(pod);
        for (int i = 0; i < times; i++) {
            daemon.crash(running);
            running = daemon.awaitReplaced(pod, running);
        }
        return running;
    }

    private List<Integer> attempts(String pod) {
        return daemon.containers(pod).stream()
                .map(container -> container.metadata().attempt())
                .sorted()
                .toList();
    }

    private void awaitAttempts(String pod, Integer... attempts) {
        daemon.await(pod + " to have " + List.of(attempts), () -> attempts(pod).equals(List.of(attempts)));
    }

    @Test
    void asManyInstancesAreKeptOfEachContainerAsAreAllowedWithTheirLogs() throws Exception {
        start("--maximum-dead-containers-per-container=2");
        daemon.write("a.yaml", pod("a", sleeper()));
        Container running = crashed("a", 4);
        awaitAttempts("a", 2, 3, 4);
        Path logs = Path.of(daemon.status(running).logPath()).getParent();
        try (var files = Files.list(logs)) {
            assertEquals(
                    List.of("2.log", "3.log", "4.log"),
                    files.map(file -> file.getFileName().toString()).sorted().toList());
        }
    }

    @Test
    void theNodeKeepsNoMoreThanItsNumber() throws Exception {
        start("--maximum-dead-containers-per-container=-1", "--maximum-dead-containers=2");
        daemon.write("a.yaml", pod("a", sleeper()));
        crashed("a", 3);
        awaitAttempts("a", 1, 2, 3);
        daemon.write("b.yaml", pod("b", sleeper()));
        crashed("b", 2);
        // One of each is left.
        awaitAttempts("a", 2, 3);
        awaitAttempts("b", 1, 2);
    }

    @Test
    void keepsDeadContainersAndTheirSandboxUntilTheMinimumAge() throws Exception {
        start("--minimum-container-ttl-duration=20s", "--maximum-dead-containers-per-container=0");
        daemon.write("a.yaml", pod("a", sleeper()));
        Container first = daemon.awaitRunning("a");
        Instant made = first.createdAt();
        PodSandbox sandbox = daemon.sandboxes("a").getFirst();
        daemon.runtime().stopPodSandbox(sandbox.id());
        daemon.awaitReplaced("a", first);
        daemon.await("the old ones to go", () -> {
            boolean there = daemon.sandboxes("a").size() == 2 && attempts("a").contains(0);
            assertTrue(there || Instant.now().isAfter(made.plusSeconds(20)), "gone too early");
            return attempts("a").size() == 1;
        });
        daemon.await("its sandbox to go", () -> daemon.sandboxes("a").size() == 1);
        assertEquals(1, daemon.running("a").size());
    }

    @Test
    void negativeAgeIsRejectedAtStart() throws Exception {
        start();
        Commands.Outcome outcome = Commands.run(daemon.command("--minimum-container-ttl-duration=-1s"));
        assertEquals(1, outcome.exitCode(), outcome::err);
        assertTrue(outcome.err().contains("--minimum-container-ttl-duration=-1s: must not be negative"), outcome::err);
    }
}
