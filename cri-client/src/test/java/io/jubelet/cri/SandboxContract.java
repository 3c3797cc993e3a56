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

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * The part of {@link RuntimeServiceContract} about the runtime as a whole, its sandboxes and its
 * images.
 */
abstract class SandboxContract extends RuntimeFixture {
    static final PodSandboxId NO_SANDBOX = new PodSandboxId("0".repeat(64));
    static final ContainerId NO_CONTAINER = new ContainerId("0".repeat(64));

    @Test
    void returnsItsVersion() {
        VersionResponse version = runtime().version();
        assertEquals("v1", version.runtimeApiVersion());
        assertFalse(version.runtimeName().isEmpty());
        assertFalse(version.runtimeVersion().isEmpty());
    }

    @Test
    void isReady() {
        StatusResponse status = runtime().status(false);
        assertTrue(requireNonNull(status.condition("RuntimeReady")).status());
        assertNotNull(status.condition("NetworkReady"));
        assertTrue(status.info().isEmpty());
        assertFalse(runtime().status(true).info().isEmpty());
    }

    @Test
    void runsSandboxAndReportsItsStatus() {
        PodSandboxConfig config = pod();
        Instant before = Instant.now().minusSeconds(1);
        PodSandboxId id = runtime().runPodSandbox(config, "");
        PodSandboxStatus status = runtime().podSandboxStatus(id);
        assertEquals(id, status.id());
        assertEquals(PodSandboxState.READY, status.state());
        assertEquals(config.metadata(), status.metadata());
        assertEquals(config.labels(), status.labels());
        assertEquals(config.annotations(), status.annotations());
        assertFalse(requireNonNull(status.network()).ip().isEmpty());
        assertTrue(requireNonNull(status.createdAt()).isAfter(before));
        assertFalse(runtime().podSandboxStatusVerbose(id).info().isEmpty());
    }

    @Test
    void listsSandboxesByIdStateAndLabels() {
        PodSandboxId first = runtime().runPodSandbox(pod(), "");
        PodSandboxConfig otherConfig = pod();
        PodSandboxId other = runtime().runPodSandbox(otherConfig, "");
        runtime().stopPodSandbox(other);
        assertEquals(List.of(first), ids(PodSandboxFilter.id(first)));
        assertEquals(
                List.of(other),
                ids(PodSandboxFilter.labels(Map.of("uid", otherConfig.metadata().uid()))));
        assertEquals(2, ids(PodSandboxFilter.labels(Map.of("run", run))).size());
        assertEquals(List.of(), ids(PodSandboxFilter.labels(Map.of("run", run, "uid", "another"))));
        assertEquals(List.of(first), ids(new PodSandboxFilter(null, PodSandboxState.READY, Map.of("run", run))));
        assertTrue(ids(PodSandboxFilter.all()).containsAll(List.of(first, other)));
        PodSandbox listed =
                runtime().listPodSandboxes(PodSandboxFilter.id(other)).getFirst();
        assertEquals(PodSandboxState.NOT_READY, listed.state());
        assertEquals(otherConfig.metadata(), listed.metadata());
        assertEquals(otherConfig.annotations(), listed.annotations());
    }

    @Test
    void rejectsSecondSandboxWithSameName() {
        PodSandboxConfig config = pod();
        PodSandboxId id = runtime().runPodSandbox(config, "");
        var e = assertThrows(CriException.AlreadyExists.class, () -> runtime().runPodSandbox(config, ""));
        assertEquals("RunPodSandbox", e.operation());
        assertTrue(e.toString().contains("is reserved"), e.toString());
        runtime().stopPodSandbox(id);
        assertThrows(CriException.AlreadyExists.class, () -> runtime().runPodSandbox(config, ""));
        runtime().removePodSandbox(id);
        assertNotEquals(id, runtime().runPodSandbox(config, ""));
    }

    @Test
    void stopsAndRemovesSandboxRepeatedly() {
        PodSandboxId id = runtime().runPodSandbox(pod(), "");
        runtime().stopPodSandbox(id);
        runtime().stopPodSandbox(id);
        PodSandboxStatus status = runtime().podSandboxStatus(id);
        assertEquals(PodSandboxState.NOT_READY, status.state());
        assertEquals("", requireNonNull(status.network()).ip());
        runtime().removePodSandbox(id);
        runtime().removePodSandbox(id);
        runtime().stopPodSandbox(id);
        assertThrows(CriException.NotFound.class, () -> runtime().podSandboxStatus(id));
        assertEquals(List.of(), ids(PodSandboxFilter.id(id)));
    }

    @Test
    void treatsMissingObjectsAsRemoved() {
        runtime().stopPodSandbox(NO_SANDBOX);
        runtime().removePodSandbox(NO_SANDBOX);
        runtime().stopContainer(NO_CONTAINER, Duration.ZERO);
        runtime().removeContainer(NO_CONTAINER);
        assertThrows(CriException.NotFound.class, () -> runtime().podSandboxStatus(NO_SANDBOX));
        assertThrows(CriException.NotFound.class, () -> runtime().containerStatus(NO_CONTAINER));
        assertThrows(CriException.NotFound.class, () -> runtime().startContainer(NO_CONTAINER));
        assertThrows(CriException.NotFound.class, () -> runtime().reopenContainerLog(NO_CONTAINER));
        assertThrows(
                CriException.NotFound.class,
                () -> runtime().execSync(NO_CONTAINER, List.of("true"), Duration.ofSeconds(1)));
        assertThrows(
                CriException.NotFound.class,
                () -> runtime().createContainer(NO_SANDBOX, container("c", "true"), pod()));
        assertEquals(List.of(), runtime().listContainers(ContainerFilter.id(NO_CONTAINER)));
        assertEquals(List.of(), runtime().listContainers(ContainerFilter.sandbox(NO_SANDBOX)));
    }

    @Test
    void rejectsContainerInStoppedSandbox() {
        PodSandboxConfig pod = pod();
        PodSandboxId sandbox = runtime().runPodSandbox(pod, "");
        ContainerId id = runtime().createContainer(sandbox, container("c", "true"), pod);
        runtime().stopPodSandbox(sandbox);
        assertThrows(CriException.class, () -> runtime().startContainer(id));
        assertNotEquals(ContainerState.RUNNING, runtime().containerStatus(id).state());
    }

    @Test
    void stopsContainersWithTheirSandbox() {
        PodSandboxConfig pod = pod();
        PodSandboxId sandbox = runtime().runPodSandbox(pod, "");
        ContainerId id = start(sandbox, pod, container("c", "sleep 1000"));
        runtime().stopPodSandbox(sandbox);
        ContainerStatus status = runtime().containerStatus(id);
        assertEquals(ContainerState.EXITED, status.state());
        assertEquals(137, status.exitCode());
    }

    @Test
    void removesReadySandboxWithRunningContainers() {
        PodSandboxConfig pod = pod();
        PodSandboxId sandbox = runtime().runPodSandbox(pod, "");
        ContainerId id = start(sandbox, pod, container("c", "sleep 1000"));
        runtime().removePodSandbox(sandbox);
        assertThrows(CriException.NotFound.class, () -> runtime().containerStatus(id));
        assertEquals(List.of(), ids(PodSandboxFilter.id(sandbox)));
    }

    @Test
    void sendsHints() {
        try (EventStream<RuntimeEvent> stream = events().open().orElseThrow()) {
            PodSandboxConfig pod = pod();
            PodSandboxId sandbox = runtime().runPodSandbox(pod, "");
            ContainerId id = start(sandbox, pod, container("c", "exit 0"));
            awaitEvent(stream, RuntimeEvent.Kind.STARTED, sandbox.value());
            awaitEvent(stream, RuntimeEvent.Kind.STARTED, id.value());
            awaitEvent(stream, RuntimeEvent.Kind.STOPPED, id.value());
            awaitExit(id); // the hint can arrive before the status changes
        }
    }

    @Test
    void sendsHintsOfRequestedKinds() {
        try (EventStream<RuntimeEvent> stream =
                events().open(Set.of(RuntimeEvent.Kind.STOPPED)).orElseThrow()) {
            PodSandboxConfig pod = pod();
            PodSandboxId sandbox = runtime().runPodSandbox(pod, "");
            ContainerId id = start(sandbox, pod, container("c", "exit 0"));
            awaitEvent(stream, RuntimeEvent.Kind.STOPPED, id.value());
            awaitExit(id);
        }
    }

    @Test
    void knowsItsImages() {
        Image image = requireNonNull(images().imageStatus(ImageSpec.of(BUSYBOX)));
        assertTrue(image.repoTags().contains(BUSYBOX), image.toString());
        assertTrue(image.id().startsWith("sha256:"), image.id());
        assertTrue(image.size() > 0);
        assertEquals(
                image.id(),
                requireNonNull(images().imageStatus(ImageSpec.of(image.id()))).id());
        assertEquals(
                image.id(),
                requireNonNull(images().imageStatus(ImageSpec.of("busybox:1"))).id());
        assertTrue(images().listImages().stream().anyMatch(each -> each.id().equals(image.id())));
        assertNull(images().imageStatus(ImageSpec.of("localhost/no-such-image:1")));
        images().removeImage(ImageSpec.of("localhost/no-such-image:1"));
        assertNotNull(images().imageFsInfo());
    }

    @Test
    void failsToPullFromUnreachableRegistry() {
        CriException e = assertThrows(
                CriException.class, () -> images().pullImage(ImageSpec.of("localhost:1/none:1"), null, null));
        assertEquals("PullImage", e.operation());
        assertTrue(e.toString().contains("localhost:1/none:1"), e.toString());
    }
}
