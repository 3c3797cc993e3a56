/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cri;

import static java.util.Objects.requireNonNull;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.URI;
import java.nio.file.Files;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * The behaviour of a runtime that the daemon relies on. The tests run on the simulated runtime and
 * on real ones; if they differ, the simulation is wrong. All objects of a test have its own label
 * and are removed, so that other tests can use the same runtime at the same time.
 */
public abstract class RuntimeServiceContract extends SandboxContract {
    @Test
    void runsContainerLifecycle() {
        PodSandboxConfig pod = pod();
        PodSandboxId sandbox = runtime().runPodSandbox(pod, "");
        ContainerConfig config = container("c", "sleep 1000");
        ContainerId id = runtime().createContainer(sandbox, config, pod);

        ContainerStatus created = runtime().containerStatus(id);
        assertEquals(ContainerState.CREATED, created.state());
        assertEquals(config.metadata(), created.metadata());
        assertEquals(config.labels(), created.labels());
        assertEquals(config.annotations(), created.annotations());
        assertEquals(BUSYBOX, created.image().image());
        assertTrue(created.imageRef().contains("sha256:"), created.imageRef());
        assertEquals(logs.resolve("c.log").toString(), created.logPath());
        assertNotNull(created.createdAt());
        assertNull(created.startedAt());
        assertNull(created.finishedAt());

        runtime().startContainer(id);
        ContainerStatus running = runtime().containerStatus(id);
        assertEquals(ContainerState.RUNNING, running.state());
        assertFalse(requireNonNull(running.startedAt()).isBefore(running.createdAt()));
        assertNull(running.finishedAt());
        assertFalse(runtime().containerStatusVerbose(id).info().isEmpty());

        runtime().stopContainer(id, Duration.ZERO);
        ContainerStatus exited = runtime().containerStatus(id);
        assertEquals(ContainerState.EXITED, exited.state());
        assertEquals(137, exited.exitCode());
        assertEquals("Error", exited.reason());
        assertFalse(requireNonNull(exited.finishedAt()).isBefore(exited.startedAt()));
        runtime().stopContainer(id, Duration.ZERO);

        runtime().removeContainer(id);
        runtime().removeContainer(id);
        assertThrows(CriException.NotFound.class, () -> runtime().containerStatus(id));
    }

    @Test
    void reportsExitOfProcess() {
        PodSandboxConfig pod = pod();
        PodSandboxId sandbox = runtime().runPodSandbox(pod, "");
        ContainerId good = start(sandbox, pod, container("good", "exit 0"));
        ContainerId bad = start(sandbox, pod, container("bad", "exit 3"));
        awaitExit(good);
        awaitExit(bad);
        assertEquals(0, runtime().containerStatus(good).exitCode());
        assertEquals("Completed", runtime().containerStatus(good).reason());
        assertEquals(3, runtime().containerStatus(bad).exitCode());
        assertEquals("Error", runtime().containerStatus(bad).reason());
    }

    @Test
    void letsProcessHandleItsStopSignal() {
        PodSandboxConfig pod = pod();
        PodSandboxId sandbox = runtime().runPodSandbox(pod, "");
        ContainerId polite =
                start(sandbox, pod, container("polite", "trap 'exit 143' TERM; echo ready; sleep 1000 & wait"));
        await(() -> log("polite").contains("ready"), "the trap is set");
        runtime().stopContainer(polite, Duration.ofSeconds(30));
        assertEquals(143, runtime().containerStatus(polite).exitCode());
        ContainerId deaf = start(sandbox, pod, container("deaf", "trap '' TERM; echo ready; sleep 1000 & wait"));
        await(() -> log("deaf").contains("ready"), "the signal is ignored");
        runtime().stopContainer(deaf, Duration.ofSeconds(1));
        assertEquals(137, runtime().containerStatus(deaf).exitCode());
    }

    @Test
    void startsContainerOnce() {
        PodSandboxConfig pod = pod();
        PodSandboxId sandbox = runtime().runPodSandbox(pod, "");
        ContainerId id = start(sandbox, pod, container("c", "sleep 1000"));
        assertThrows(CriException.Failed.class, () -> runtime().startContainer(id));
        assertEquals(ContainerState.RUNNING, runtime().containerStatus(id).state());
        runtime().stopContainer(id, Duration.ZERO);
        assertThrows(CriException.Failed.class, () -> runtime().startContainer(id));
    }

    @Test
    void doesNotStopContainerThatNeverStarted() {
        PodSandboxConfig pod = pod();
        PodSandboxId sandbox = runtime().runPodSandbox(pod, "");
        ContainerId id = runtime().createContainer(sandbox, container("c", "sleep 1000"), pod);
        runtime().stopContainer(id, Duration.ZERO);
        assertEquals(ContainerState.CREATED, runtime().containerStatus(id).state());
        runtime().removeContainer(id);
        assertThrows(CriException.NotFound.class, () -> runtime().containerStatus(id));
    }

    @Test
    void failsToStartCommandThatDoesNotExist() {
        PodSandboxConfig pod = pod();
        PodSandboxId sandbox = runtime().runPodSandbox(pod, "");
        ContainerConfig config = container("c", "true").toBuilder()
                .command(List.of("/no/such/program"))
                .args(List.of())
                .build();
        ContainerId id = runtime().createContainer(sandbox, config, pod);
        CriException e = assertThrows(CriException.class, () -> runtime().startContainer(id));
        assertTrue(e.toString().contains("no such file or directory"), e.toString());
        ContainerStatus status = runtime().containerStatus(id);
        assertEquals(ContainerState.EXITED, status.state());
        assertEquals(128, status.exitCode());
        assertEquals("StartError", status.reason());
        assertNull(status.startedAt());
        assertTrue(e.toString().contains(status.message()), () -> e + " is the message of " + status);
    }

    @Test
    void rejectsSecondContainerWithSameName() {
        PodSandboxConfig pod = pod();
        PodSandboxId sandbox = runtime().runPodSandbox(pod, "");
        ContainerId id = runtime().createContainer(sandbox, container("c", "true"), pod);
        var e = assertThrows(
                CriException.AlreadyExists.class,
                () -> runtime().createContainer(sandbox, container("c", "true"), pod));
        assertTrue(e.toString().contains("is reserved"), e.toString());
        runtime().removeContainer(id);
        assertNotEquals(id, runtime().createContainer(sandbox, container("c", "true"), pod));
    }

    @Test
    void rejectsContainerOfMissingImage() {
        PodSandboxConfig pod = pod();
        PodSandboxId sandbox = runtime().runPodSandbox(pod, "");
        ContainerConfig config = container("c", "true").toBuilder()
                .image(ImageSpec.of("localhost/no-such-image:1"))
                .build();
        assertThrows(CriException.NotFound.class, () -> runtime().createContainer(sandbox, config, pod));
    }

    @Test
    void removesRunningContainer() {
        PodSandboxConfig pod = pod();
        PodSandboxId sandbox = runtime().runPodSandbox(pod, "");
        ContainerId id = start(sandbox, pod, container("c", "sleep 1000"));
        runtime().removeContainer(id);
        assertEquals(List.of(), runtime().listContainers(ContainerFilter.sandbox(sandbox)));
        assertEquals(PodSandboxState.READY, runtime().podSandboxStatus(sandbox).state());
    }

    @Test
    void listsContainersBySandboxStateIdAndLabels() {
        PodSandboxConfig pod = pod();
        PodSandboxId sandbox = runtime().runPodSandbox(pod, "");
        ContainerId running = start(sandbox, pod, container("running", "sleep 1000"));
        ContainerId created = runtime().createContainer(sandbox, container("created", "true"), pod);
        assertEquals(List.of(created), ids(ContainerFilter.id(created)));
        assertEquals(List.of(running), ids(ContainerFilter.labels(Map.of("run", run, "name", "running"))));
        assertEquals(List.of(running), ids(new ContainerFilter(null, ContainerState.RUNNING, sandbox, Map.of())));
        assertEquals(2, ids(ContainerFilter.sandbox(sandbox)).size());
        assertTrue(ids(ContainerFilter.all()).containsAll(List.of(running, created)));
        Container listed = runtime().listContainers(ContainerFilter.id(running)).getFirst();
        assertEquals(sandbox, listed.podSandboxId());
        assertEquals(new ContainerMetadata("running", 0), listed.metadata());
        assertEquals(ContainerState.RUNNING, listed.state());
        assertEquals(BUSYBOX, listed.image().image());
        assertNotNull(listed.createdAt());
    }

    @Test
    void runsCommandInContainer() {
        PodSandboxConfig pod = pod();
        PodSandboxId sandbox = runtime().runPodSandbox(pod, "");
        ContainerId id = start(sandbox, pod, container("c", "sleep 1000"));
        ExecResult result = exec(id, "echo out; echo err >&2; exit 7", Duration.ofSeconds(60));
        assertEquals("out\n", result.stdoutText());
        assertEquals("err\n", result.stderrText());
        assertEquals(7, result.exitCode());
        // No child of a shell, because containerd kills only the command and waits for children
        // with open output.
        assertThrows(CriException.DeadlineExceeded.class, () -> exec(id, "exec sleep 1000", Duration.ofSeconds(1)));
        runtime().stopContainer(id, Duration.ZERO);
        assertThrows(CriException.Failed.class, () -> exec(id, "true", Duration.ofSeconds(60)));
    }

    @Test
    void preparesStreamsOfRunningContainers() {
        PodSandboxConfig pod = pod();
        PodSandboxId sandbox = runtime().runPodSandbox(pod, "");
        ContainerId id = start(sandbox, pod, container("c", "sleep 1000"));
        StreamOptions output = new StreamOptions(false, false, true, true);
        Set<URI> urls = new HashSet<>();
        for (int i = 0; i < 2; i++) {
            urls.add(runtime().exec(id, List.of("true"), output));
            urls.add(runtime().attach(id, output));
            urls.add(runtime().portForward(sandbox, List.of(80)));
        }
        assertEquals(6, urls.size(), urls::toString);
        for (URI url : urls) {
            assertEquals("http", url.getScheme(), url::toString);
            assertTrue(url.getPort() > 0, url::toString);
        }
        runtime().stopContainer(id, Duration.ZERO);
        assertThrows(CriException.Failed.class, () -> runtime().exec(id, List.of("true"), output));
        assertThrows(CriException.Failed.class, () -> runtime().attach(id, output));
        runtime().stopPodSandbox(sandbox);
        assertThrows(CriException.Failed.class, () -> runtime().portForward(sandbox, List.of(80)));
        runtime().removePodSandbox(sandbox);
        assertThrows(CriException.NotFound.class, () -> runtime().exec(id, List.of("true"), output));
        assertThrows(CriException.NotFound.class, () -> runtime().attach(id, output));
        assertThrows(CriException.NotFound.class, () -> runtime().portForward(sandbox, List.of(80)));
    }

    @Test
    void keepsStartOfLongOutput() {
        PodSandboxConfig pod = pod();
        PodSandboxId sandbox = runtime().runPodSandbox(pod, "");
        ContainerId id = start(sandbox, pod, container("c", "sleep 1000"));
        String most = "x".repeat(ExecResult.MAX_OUTPUT_BYTES - 1);
        assertEquals(
                most + "\n", exec(id, "echo " + most, Duration.ofSeconds(60)).stdoutText());
        String cut = "x".repeat(ExecResult.MAX_OUTPUT_BYTES);
        ExecResult result = exec(id, "echo " + cut + "y; echo " + cut + "z >&2; exit 7", Duration.ofSeconds(60));
        assertEquals(cut, result.stdoutText());
        assertEquals(cut, result.stderrText());
        assertEquals(7, result.exitCode());
    }

    @Test
    void failsCommandWhoseChildKeepsRunning() {
        PodSandboxConfig pod = pod();
        PodSandboxId sandbox = runtime().runPodSandbox(pod, "");
        ContainerId id = start(sandbox, pod, container("c", "sleep 1000"));
        assertThrows(CriException.DeadlineExceeded.class, () -> exec(id, "sleep 1000; true", Duration.ofSeconds(1)));
    }

    @Test
    void writesLog() {
        PodSandboxConfig pod = pod();
        PodSandboxId sandbox = runtime().runPodSandbox(pod, "");
        ContainerId id = start(sandbox, pod, container("talker", "echo hello; exit 0"));
        awaitExit(id);
        await(() -> log("talker").contains("hello"), "the line is written");
        assertTrue(log("talker").matches("\\d{4}-\\d\\d-\\d\\dT\\S+ stdout F hello\n"), log("talker"));
        assertThrows(CriException.class, () -> runtime().reopenContainerLog(id));
    }

    @Test
    void writesToNewFileAfterLogWasReopened() throws Exception {
        PodSandboxConfig pod = pod();
        PodSandboxId sandbox = runtime().runPodSandbox(pod, "");
        ContainerId id = start(sandbox, pod, container("c", "sleep 1000"));
        await(() -> Files.exists(logs.resolve("c.log")), "the log is there");
        Files.move(logs.resolve("c.log"), logs.resolve("c.log.1"));
        runtime().reopenContainerLog(id);
        assertTrue(Files.exists(logs.resolve("c.log")));
    }

    @Test
    void changesResourcesOfRunningContainer() {
        PodSandboxConfig pod = pod();
        PodSandboxId sandbox = runtime().runPodSandbox(pod, "");
        ContainerId id = start(sandbox, pod, container("c", "sleep 1000"));
        var resources = LinuxContainerResources.builder().cpuShares(512).build();
        runtime().updateContainerResources(id, ContainerResources.of(resources), Map.of());
        ContainerResources after = requireNonNull(runtime().containerStatus(id).resources());
        assertEquals(512, requireNonNull(after.linux()).cpuShares());
    }

    @Test
    void reportsResourceUsage() {
        PodSandboxConfig pod = pod();
        PodSandboxId sandbox = runtime().runPodSandbox(pod, "");
        ContainerId id = start(sandbox, pod, container("c", "sleep 1000"));
        assertEquals(id, runtime().containerStats(id).attributes().id());
        List<ContainerStats> listed = runtime().listContainerStats(ContainerStatsFilter.sandbox(sandbox));
        assertEquals(
                List.of(id),
                listed.stream().map(stats -> stats.attributes().id()).toList());
    }
}
