/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cri.grpc;

import static java.util.Objects.requireNonNull;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.cri.ContainerConfig;
import io.jubelet.cri.ContainerEventResponse;
import io.jubelet.cri.ContainerId;
import io.jubelet.cri.ContainerMetadata;
import io.jubelet.cri.ContainerStatus;
import io.jubelet.cri.CriException;
import io.jubelet.cri.EventStream;
import io.jubelet.cri.ImageSpec;
import io.jubelet.cri.LinuxContainerConfig;
import io.jubelet.cri.LinuxContainerResources;
import io.jubelet.cri.LinuxContainerSecurityContext;
import io.jubelet.cri.LinuxPodSandboxConfig;
import io.jubelet.cri.LinuxSandboxSecurityContext;
import io.jubelet.cri.Mount;
import io.jubelet.cri.MountPropagation;
import io.jubelet.cri.NamespaceMode;
import io.jubelet.cri.NamespaceOption;
import io.jubelet.cri.PodSandboxConfig;
import io.jubelet.cri.PodSandboxId;
import io.jubelet.cri.PodSandboxMetadata;
import io.jubelet.cri.RuntimeService;
import io.jubelet.cri.SecurityProfile;
import io.jubelet.cri.StreamOptions;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Tests from inside a container that containerd 1.x applies all parts of its configuration. */
@Timeout(180)
@Tag("containerd")
class ContainerdRoundTripTest {
    @TempDir
    Path directory;

    private CriConnection connection;
    private RuntimeService runtime;
    private PodSandboxConfig pod;
    private PodSandboxId sandbox;

    @BeforeEach
    void runSandbox() {
        connection = OnContainerd.connect(OnContainerd.V1);
        runtime = connection.runtimeService();
        String uid = UUID.randomUUID().toString();
        pod = PodSandboxConfig.builder()
                .metadata(new PodSandboxMetadata("round-trip", uid, "contract", 3))
                .hostname("round-trip-host")
                .logDirectory(directory.toString())
                .dnsConfig(new PodSandboxConfig.DNSConfig(
                        List.of("192.0.2.1"), List.of("example.org"), List.of("ndots:3")))
                .labels(Map.of("uid", uid))
                .linux(LinuxPodSandboxConfig.builder()
                        .cgroupParent("/jubelet-contract")
                        .sysctls(Map.of("net.ipv4.ip_unprivileged_port_start", "80"))
                        .securityContext(LinuxSandboxSecurityContext.builder()
                                .namespaceOptions(new NamespaceOption(
                                        NamespaceMode.POD, NamespaceMode.CONTAINER, NamespaceMode.POD, "", null))
                                .build())
                        .build())
                .build();
        sandbox = runtime.runPodSandbox(pod, "");
    }

    @AfterEach
    void removeSandbox() {
        if (sandbox != null) {
            runtime.removePodSandbox(sandbox);
        }
        if (connection != null) {
            connection.close();
        }
    }

    @Test
    void appliesTheContainerConfiguration() throws Exception {
        Path readable = Files.createDirectory(directory.resolve("readable"));
        Files.writeString(readable.resolve("file"), "content");
        Path writable = Files.createDirectory(directory.resolve("writable"));
        var security = LinuxContainerSecurityContext.builder()
                .runAsUser(1234L)
                .runAsGroup(2345L)
                .supplementalGroups(List.of(3456L))
                .readonlyRootfs(true)
                .noNewPrivs(true)
                .capabilities(new LinuxContainerSecurityContext.Capability(List.of(), List.of("ALL"), List.of()))
                .seccomp(SecurityProfile.unconfined())
                .build();
        var resources = LinuxContainerResources.builder()
                .cpuShares(512)
                .memoryLimitInBytes(64 << 20)
                .build();
        ContainerConfig config = ContainerConfig.builder()
                .metadata(new ContainerMetadata("c", 2))
                .image(ImageSpec.of("docker.io/library/busybox:1"))
                .command(List.of("sh", "-c"))
                .args(List.of("sleep 1000"))
                .workingDir("/tmp")
                .envs(List.of(
                        new ContainerConfig.KeyValue("FIRST", "a b"), new ContainerConfig.KeyValue("SECOND", "ü")))
                .mounts(List.of(
                        Mount.builder()
                                .containerPath("/readable")
                                .hostPath(readable.toString())
                                .readonly(true)
                                .build(),
                        Mount.builder()
                                .containerPath("/writable")
                                .hostPath(writable.toString())
                                .propagation(MountPropagation.PRIVATE)
                                .build()))
                .logPath("c.log")
                .linux(new LinuxContainerConfig(resources, security))
                .build();
        ContainerId id = runtime.createContainer(sandbox, config, pod);
        runtime.startContainer(id);

        assertEquals("1234 2345 2345 3456", inside(id, "echo $(id -u) $(id -g) $(id -G)"));
        assertEquals("a b ü", inside(id, "echo $FIRST $SECOND"));
        assertEquals("/tmp", inside(id, "pwd"));
        assertEquals("round-trip-host", inside(id, "hostname"));
        assertEquals("content", inside(id, "cat /readable/file"));
        assertNotEquals(0, exec(id, "echo x > /readable/file"));
        assertNotEquals(0, exec(id, "echo x > /tmp/file"));
        assertEquals("0000000000000000", inside(id, "awk '/CapBnd/ {print $2}' /proc/self/status"));
        assertEquals("1", inside(id, "awk '/NoNewPrivs/ {print $2}' /proc/self/status"));
        assertEquals("0", inside(id, "awk '/^Seccomp:/ {print $2}' /proc/self/status"));
        assertEquals("80", inside(id, "cat /proc/sys/net/ipv4/ip_unprivileged_port_start"));

        ContainerStatus status = runtime.containerStatus(id);
        assertEquals(config.metadata(), status.metadata());
        assertEquals(config.mounts(), status.mounts());
        LinuxContainerResources reported =
                requireNonNull(requireNonNull(status.resources()).linux());
        assertEquals(512, reported.cpuShares());
        assertEquals(64 << 20, reported.memoryLimitInBytes());
        String info = requireNonNull(runtime.containerStatusVerbose(id).info().get("info"));
        assertTrue(info.contains("\"run_as_user\":{\"value\":1234}"), info);
        assertTrue(info.contains("jubelet-contract"), info);
        assertTrue(
                requireNonNull(runtime.podSandboxStatusVerbose(sandbox).info().get("info"))
                        .contains("192.0.2.1"));
        assertEquals(id, runtime.containerStats(id).attributes().id());
    }

    @Test
    void returnsUrlsOfStreams() {
        ContainerConfig config = ContainerConfig.builder()
                .metadata(new ContainerMetadata("c", 0))
                .image(ImageSpec.of("docker.io/library/busybox:1"))
                .command(List.of("sleep", "1000"))
                .linux(new LinuxContainerConfig(
                        LinuxContainerResources.builder().build(),
                        LinuxContainerSecurityContext.builder().build()))
                .build();
        ContainerId id = runtime.createContainer(sandbox, config, pod);
        runtime.startContainer(id);
        StreamOptions output = new StreamOptions(false, false, true, true);
        for (URI url : List.of(
                runtime.exec(id, List.of("true"), output),
                runtime.attach(id, output),
                runtime.portForward(sandbox, List.of(80)))) {
            assertEquals("http", url.getScheme(), url.toString());
            assertTrue(url.getPort() > 0, url.toString());
        }
    }

    @Test
    void reportsUnimplementedCalls() {
        assertThrows(CriException.Unimplemented.class, () -> runtime.runtimeConfig());
        if (!runtime.version().runtimeVersion().startsWith("1.6")) {
            return; // 1.7 has events, and they are silent until something happens
        }
        try (EventStream<ContainerEventResponse> stream = runtime.containerEvents()) {
            assertThrows(CriException.Unimplemented.class, stream::next);
        }
    }

    private String inside(ContainerId container, String script) {
        var result = runtime.execSync(container, List.of("sh", "-c", script), Duration.ofSeconds(60));
        assertEquals(0, result.exitCode(), result.stderrText());
        return result.stdoutText().strip();
    }

    private int exec(ContainerId container, String script) {
        return runtime.execSync(container, List.of("sh", "-c", script), Duration.ofSeconds(60))
                .exitCode();
    }
}
