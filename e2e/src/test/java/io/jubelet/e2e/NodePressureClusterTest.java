/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.cri.Container;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A machine that is short of something: the cluster is told, the controller manager taints the Node, and static pods do not
 * notice.
 */
class NodePressureClusterTest extends InCluster {

    @BeforeEach
    void startControllers() throws IOException {
        cluster.startControllerManager();
    }

    private static String taint(String pressure) {
        return "node.kubernetes.io/" + pressure + ":NoSchedule";
    }

    private static List<String> taints(JsonObject node) {
        return node.objects("spec.taints").stream()
                .map(taint -> taint.text("key") + ":" + taint.text("effect"))
                .toList();
    }

    /** Waits for a condition of pressure, with the taint that goes with it. */
    private JsonObject await(String condition, String status, String taint) {
        JsonObject shown = cluster.awaitObject(
                node.path(),
                "to have " + condition + "=" + status,
                n -> n.status(condition).equals(status) && taints(n).contains(taint) == status.equals("True"));
        assertEquals("True", shown.status("Ready"));
        return JoiningNode.condition(shown, condition);
    }

    private void awaitEvent(String reason) {
        daemon.await(reason, () -> node.reasons(daemon.node).contains(reason));
    }

    private Container steady(String pod) throws IOException {
        daemon.write(pod + ".yaml", DaemonProcess.pod(pod, DaemonProcess.sleeper()));
        return daemon.awaitRunning(pod);
    }

    private void assertRunsOn(String pod, Container container) {
        assertEquals(List.of(container), daemon.containers(pod));
        node.awaitMirror(pod, DaemonProcess.SOON, JoiningNode::isRunning);
    }

    @Test
    void aMachineThatIsShortOfMemoryIsKnownForIt() throws Exception {
        node.join();
        node.awaitReady();
        Container web = steady("web");
        await("MemoryPressure", "False", taint("memory-pressure"));
        daemon.kill();
        node.join("--eviction-hard=memory.available<99.9%");
        JsonObject pressure = await("MemoryPressure", "True", taint("memory-pressure"));
        assertEquals("KubeletHasInsufficientMemory", pressure.text("reason"));
        assertTrue(pressure.text("message").contains("memory.available fell below"), pressure::toString);
        awaitEvent("NodeHasInsufficientMemory");
        // Static pods are critical, so they are admitted as well.
        Container late = steady("late");
        assertRunsOn("late", late);
        assertRunsOn("web", web);
        daemon.kill();
        node.join();
        await("MemoryPressure", "False", taint("memory-pressure"));
        assertRunsOn("web", web);
    }

    /** On a disk of its own, which is filled and emptied again. */
    @ParameterizedTest
    @ValueSource(strings = {"nodefs.available", "nodefs.inodesFree"})
    void aDiskThatIsFullIsKnownForItUntilAWhileAfterItIsNot(String signal) throws Exception {
        Files.createDirectories(daemon.rootDir);
        Commands.shell(daemon.home, "mount -t tmpfs -o size=64m,nr_inodes=4k jubelet-test " + daemon.rootDir);
        node.join("--eviction-hard=" + signal + "<50%", "--eviction-pressure-transition-period=8s");
        node.awaitReady();
        Container web = steady("web");
        await("DiskPressure", "False", taint("disk-pressure"));
        Path ballast = Files.createDirectory(daemon.rootDir.resolve("ballast"));
        if (signal.equals("nodefs.available")) {
            Files.write(ballast.resolve("file"), new byte[40 << 20]);
        } else {
            for (int i = 0; i < 2500; i++) {
                Files.createFile(ballast.resolve("file" + i));
            }
        }
        JsonObject pressure = await("DiskPressure", "True", taint("disk-pressure"));
        assertEquals("KubeletHasDiskPressure", pressure.text("reason"));
        assertTrue(pressure.text("message").contains(signal + " fell below"), pressure::toString);
        awaitEvent("NodeHasDiskPressure");
        Container late = steady("late");
        Commands.shell(daemon.rootDir, "rm -r ballast");
        Instant removed = Instant.now();
        Instant relieved = Instant.parse(
                await("DiskPressure", "False", taint("disk-pressure")).text("lastTransitionTime"));
        // The disk is looked at each second, or less often when there is much to do, and times are told in whole
        // seconds.
        assertTrue(
                Duration.between(removed, relieved).compareTo(Duration.ofSeconds(4)) >= 0,
                () -> "removed at " + removed + ", relieved at " + relieved);
        awaitEvent("NodeHasNoDiskPressure");
        assertRunsOn("web", web);
        assertRunsOn("late", late);
    }

    /** The runtime tells where it keeps them; there is no disk of which nothing is in use. */
    @ParameterizedTest
    @ValueSource(strings = {"imagefs.available", "imagefs.inodesFree"})
    void theDiskOfTheImagesCountsAsWell(String signal) throws Exception {
        node.join("--eviction-hard=" + signal + "<99.99%");
        node.awaitReady();
        Container web = steady("web");
        JsonObject pressure = await("DiskPressure", "True", taint("disk-pressure"));
        assertTrue(pressure.text("message").contains(signal + " fell below"), pressure::toString);
        assertRunsOn("web", web);
    }
}
