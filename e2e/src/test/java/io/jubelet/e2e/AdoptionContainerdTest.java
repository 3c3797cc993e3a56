/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.jubelet.cri.Container;
import io.jubelet.cri.ContainerConfig;
import io.jubelet.cri.ContainerFilter;
import io.jubelet.cri.ContainerId;
import io.jubelet.cri.ContainerMetadata;
import io.jubelet.cri.ContainerState;
import io.jubelet.cri.ImageSpec;
import io.jubelet.cri.PodSandboxConfig;
import io.jubelet.cri.PodSandboxFilter;
import io.jubelet.cri.PodSandboxId;
import io.jubelet.cri.PodSandboxMetadata;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Pods that a kubelet left: sandboxes and containers with the names, labels and annotations of kubelet 1.36, made here by the
 * same calls.
 */
@OnContainerd
class AdoptionContainerdTest {

    /** The kubelet's hash of the name app and the image. */
    private static final String HASH = "6ea953f9";

    private static final String UID = "0123456789abcdef0123456789abcdef";
    private static final String IMAGE = "docker.io/library/busybox:1";

    private DaemonProcess daemon;

    @AfterEach
    void stop() throws Exception {
        if (daemon == null) {
            return; // the test was skipped
        }
        Files.deleteIfExists(daemon.manifests.resolve("kept.yaml"));
        daemon.remove("edited.yaml");
        daemon.awaitGone("kept");
        daemon.awaitGone("edited");
        daemon.close();
    }

    private static String pod(String name, String script) {
        return """
                apiVersion: v1
                kind: Pod
                metadata: {name: %s, labels: {app: %s}}
                spec:
                  terminationGracePeriodSeconds: 1
                  containers:
                  - {name: app, image: "%s", imagePullPolicy: IfNotPresent, command: [sh, -c, "%s"]}
                """.formatted(name, name, IMAGE, script);
    }

    private ContainerId kubeletRuns(String name, String uid, Instant seen) throws Exception {
        String fullName = name + "-" + daemon.node;
        Map<String, String> labels = new HashMap<>(Map.of(
                "app", name,
                "io.kubernetes.pod.name", fullName,
                "io.kubernetes.pod.namespace", "default",
                "io.kubernetes.pod.uid", uid));
        var logs = daemon.logs.resolve("default_" + fullName + "_" + uid);
        Files.createDirectories(logs.resolve("app"));
        PodSandboxConfig config = PodSandboxConfig.builder()
                .metadata(new PodSandboxMetadata(fullName, uid, "default", 0))
                .logDirectory(logs.toString())
                .labels(labels)
                .annotations(Map.of(
                        "kubernetes.io/config.hash",
                        uid,
                        "kubernetes.io/config.seen",
                        seen.toString(),
                        "kubernetes.io/config.source",
                        "file"))
                .build();
        PodSandboxId sandbox = daemon.runtime().runPodSandbox(config, "");
        labels.put("io.kubernetes.container.name", "app");
        ContainerId container = daemon.runtime()
                .createContainer(
                        sandbox,
                        ContainerConfig.builder()
                                .metadata(new ContainerMetadata("app", 0))
                                .image(ImageSpec.of(IMAGE))
                                .command(List.of("sh", "-c", "echo from the kubelet; exec sleep 1000000"))
                                .logPath("app/0.log")
                                .labels(labels)
                                .annotations(Map.of(
                                        "io.kubernetes.container.hash", HASH,
                                        "io.kubernetes.container.restartCount", "0",
                                        "io.kubernetes.pod.terminationGracePeriod", "1"))
                                .build(),
                        config);
        daemon.runtime().startContainer(container);
        return container;
    }

    private ContainerState state(ContainerId container) {
        return daemon.runtime().containerStatus(container).state();
    }

    @Test
    void podsOfTheKubeletRunOnAndOnlyTheEditedOneIsReplaced() throws Exception {
        daemon = new DaemonProcess("--adopt-kubelet-pods");
        daemon.write("kept.yaml", pod("kept", "exec sleep 1000000"));
        daemon.write("edited.yaml", pod("edited", "exec sleep 1000000"));
        ContainerId kept = kubeletRuns("kept", UID, Instant.now().plusSeconds(60));
        ContainerId edited =
                kubeletRuns("edited", UID.replace('0', '1'), Instant.now().minusSeconds(60));
        daemon.start();

        Container replaced = daemon.awaitRunning("edited");
        assertFalse(replaced.id().equals(edited));
        daemon.await(
                "the one of the kubelet to be gone",
                () -> daemon.runtime()
                        .listContainers(ContainerFilter.id(edited))
                        .isEmpty());
        assertEquals(ContainerState.RUNNING, state(kept));
        daemon.await(
                "both to be shown as running",
                () -> daemon.cliQuietly("get", "pods")
                                .lines()
                                .filter(line -> line.contains("1/1     Running   0"))
                                .count()
                        == 2);
        assertEquals("from the kubelet\n", daemon.cli("logs", "kept"));

        // A restart, also without the flag, restarts nothing.
        daemon.stop();
        daemon.options();
        daemon.start();
        daemon.await(
                "the pods to be known again",
                () -> daemon.cliQuietly("get", "pods").contains("kept-" + daemon.node));
        assertEquals(ContainerState.RUNNING, state(kept));
        assertEquals(replaced.id(), daemon.awaitRunning("edited").id());

        // The first container that ends brings the pod into a sandbox of our own.
        daemon.runtime().stopContainer(kept, Duration.ZERO);
        Container ours = daemon.awaitRunning("kept");
        assertFalse(ours.id().equals(kept));

        // With the pod goes what the kubelet left of it.
        daemon.remove("kept.yaml");
        daemon.await(
                "nothing of the kubelet to be left",
                () -> daemon.runtime()
                                .listPodSandboxes(PodSandboxFilter.labels(Map.of("io.kubernetes.pod.uid", UID)))
                                .isEmpty()
                        && Files.notExists(daemon.rootDir.resolve("adopted-pods.json")));
        daemon.await("its logs to be removed", () -> logsOf("kept").isEmpty());
    }

    private List<Path> logsOf(String pod) {
        try (Stream<Path> logs = Files.list(daemon.logs)) {
            return logs.filter(log -> log.toString().contains(pod + "-")).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
