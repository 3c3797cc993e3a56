/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cri;

import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A runtime under test and the pods of a test, which have its own label and are removed. */
@Timeout(180)
abstract class RuntimeFixture {
    static final String BUSYBOX = "docker.io/library/busybox:1";
    private static final Duration SOON = Duration.ofSeconds(60);

    final String run = UUID.randomUUID().toString();
    private int pods;

    @TempDir
    Path logs;

    /** The runtime under test; the same for one test. */
    protected abstract RuntimeService runtime();

    /** Its images, {@code docker.io/library/busybox:1} among them. */
    protected abstract ImageService images();

    /** Its events. */
    protected abstract RuntimeEvents events();

    @AfterEach
    void removeWhatWasMade() {
        for (PodSandbox sandbox : runtime().listPodSandboxes(PodSandboxFilter.labels(Map.of("run", run)))) {
            runtime().removePodSandbox(sandbox.id());
        }
    }

    PodSandboxConfig pod() {
        String name = "contract-" + pods++;
        String uid = run + "-" + name;
        var namespaces = new NamespaceOption(NamespaceMode.POD, NamespaceMode.CONTAINER, NamespaceMode.POD, "", null);
        var security = LinuxSandboxSecurityContext.builder()
                .namespaceOptions(namespaces)
                .build();
        return PodSandboxConfig.builder()
                .metadata(new PodSandboxMetadata(name, uid, "contract", 0))
                .hostname(name)
                .logDirectory(logs.toString())
                .labels(Map.of("run", run, "uid", uid))
                .annotations(Map.of("made-by", "contract"))
                .linux(LinuxPodSandboxConfig.builder()
                        .cgroupParent("/jubelet-contract")
                        .securityContext(security)
                        .build())
                .build();
    }

    ContainerConfig container(String name, String script) {
        return ContainerConfig.builder()
                .metadata(new ContainerMetadata(name, 0))
                .image(ImageSpec.of(BUSYBOX))
                .command(List.of("sh", "-c", script))
                .labels(Map.of("run", run, "name", name))
                .annotations(Map.of("note", "n"))
                .logPath(name + ".log")
                .linux(new LinuxContainerConfig(
                        LinuxContainerResources.builder().build(),
                        LinuxContainerSecurityContext.builder().build()))
                .build();
    }

    ContainerId start(PodSandboxId sandbox, PodSandboxConfig pod, ContainerConfig config) {
        ContainerId id = runtime().createContainer(sandbox, config, pod);
        runtime().startContainer(id);
        return id;
    }

    ExecResult exec(ContainerId container, String script, Duration timeout) {
        return runtime().execSync(container, List.of("sh", "-c", script), timeout);
    }

    List<PodSandboxId> ids(PodSandboxFilter filter) {
        return runtime().listPodSandboxes(filter).stream().map(PodSandbox::id).toList();
    }

    List<ContainerId> ids(ContainerFilter filter) {
        return runtime().listContainers(filter).stream().map(Container::id).toList();
    }

    String log(String name) {
        try {
            Path file = logs.resolve(name + ".log");
            return Files.exists(file) ? Files.readString(file) : "";
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void awaitExit(ContainerId container) {
        await(() -> runtime().containerStatus(container).state() == ContainerState.EXITED, "the process has ended");
    }

    /** Checks at every event, and every 50 ms for changes without an event. */
    void await(BooleanSupplier condition, String what) {
        Instant deadline = Instant.now().plus(SOON);
        try (EventStream<RuntimeEvent> stream = events().open().orElseThrow()) {
            while (!condition.getAsBoolean()) {
                assertTrue(Instant.now().isBefore(deadline), "not in time: " + what);
                stream.poll(Duration.ofMillis(50));
            }
        }
    }

    static void awaitEvent(EventStream<RuntimeEvent> stream, RuntimeEvent.Kind kind, String id) {
        Instant deadline = Instant.now().plus(SOON);
        while (true) {
            RuntimeEvent event = stream.poll(Duration.between(Instant.now(), deadline));
            assertNotNull(event, "no event " + kind + " of " + id);
            if (event.kind() == kind && event.id().equals(id)) {
                return;
            }
        }
    }
}
