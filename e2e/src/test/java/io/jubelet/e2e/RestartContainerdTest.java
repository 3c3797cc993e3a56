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
import io.jubelet.cri.PodSandboxId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The ways in which people restart a pod, on real containerd: each ends with one running container. */
@OnContainerd
class RestartContainerdTest {

    private static final String SANDBOX = "sandbox";

    private final DaemonProcess daemon;

    RestartContainerdTest() throws IOException {
        daemon = new DaemonProcess().start();
    }

    @AfterEach
    void stop() throws IOException {
        daemon.close();
    }

    @Test
    void everyWayEndsWithOneContainer() throws Exception {
        List<String> ways = List.of(
                "stopped",
                "removed",
                "killed",
                SANDBOX + "-stopped",
                SANDBOX + "-removed",
                "away",
                "away-briefly",
                "annotated",
                "touched");
        for (String way : ways) {
            daemon.write(way + ".yaml", pod(way, sleeper()));
        }
        Map<String, Container> before = new HashMap<>();
        ways.forEach(way -> before.put(way, daemon.awaitRunning(way)));

        daemon.runtime().stopContainer(before.get("stopped").id(), Duration.ZERO);
        daemon.runtime().removeContainer(before.get("removed").id());
        daemon.crash(before.get("killed"));
        daemon.runtime().stopPodSandbox(sandbox(before, SANDBOX + "-stopped"));
        daemon.runtime().removePodSandbox(sandbox(before, SANDBOX + "-removed"));
        Path away = move(daemon.manifests.resolve("away.yaml"), daemon.home.resolve("away.yaml"));
        move(
                move(daemon.manifests.resolve("away-briefly.yaml"), daemon.home.resolve("away-briefly.yaml")),
                daemon.manifests.resolve("away-briefly.yaml"));
        daemon.write(
                "annotated.yaml",
                pod("annotated", sleeper()).replace("metadata:\n", "metadata:\n  annotations: {restarted-at: now}\n"));
        Files.setLastModifiedTime(daemon.manifests.resolve("touched.yaml"), FileTime.from(Instant.now()));
        daemon.awaitGone("away");
        move(away, daemon.manifests.resolve("away.yaml"));

        for (String way : List.of("stopped", "removed", "killed", "annotated", "away")) {
            daemon.awaitReplaced(way, before.get(way));
        }
        for (String way : List.of(SANDBOX + "-stopped", SANDBOX + "-removed", "annotated", "away")) {
            Container now = daemon.awaitReplaced(way, before.get(way));
            assertTrue(!now.podSandboxId().equals(sandbox(before, way)), way);
        }
        daemon.awaitRunning("away-briefly");
        assertEquals(before.get("touched").id(), daemon.awaitRunning("touched").id());
        String rows = daemon.cli("get", "pods", "--no-headers");
        assertEquals(
                ways.size(), rows.lines().filter(row -> row.contains(" 1/1 ")).count(), rows);
    }

    private static PodSandboxId sandbox(Map<String, Container> containers, String pod) {
        return containers.get(pod).podSandboxId();
    }

    private static Path move(Path from, Path to) throws IOException {
        return Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
    }
}
