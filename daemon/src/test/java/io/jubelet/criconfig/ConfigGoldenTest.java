/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.criconfig;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.jubelet.cri.PodSandboxConfig;
import io.jubelet.node.ResolvConf;
import io.jubelet.pod.ContainerPort;
import io.jubelet.pod.ContainerSpec;
import io.jubelet.pod.EnvExpansion;
import io.jubelet.pod.EnvVar;
import io.jubelet.pod.MountSource;
import io.jubelet.pod.Pod;
import io.jubelet.pod.ProcessSize;
import io.jubelet.pod.Quantity;
import io.jubelet.pod.Resources;
import io.jubelet.pod.VolumeMount;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.RecordComponent;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/**
 * Compares the configurations that the runtime gets with checked-in texts.
 * {@code -Djubelet.test.golden=update} rewrites the texts; review the difference before you commit
 * it.
 */
class ConfigGoldenTest {

    private static final Instant SEEN = Instant.parse("2026-01-01T12:00:00Z");

    private static final ResolvConf RESOLV_CONF =
            new ResolvConf(List.of("192.0.2.53"), List.of("example.org"), List.of("ndots:2"));

    private static final NodeProfile NODE = new NodeProfile(
            Pods.NODE,
            List.of("192.0.2.1"),
            ClusterDns.NONE,
            new NodeProfile.Cgroups(Optional.of(Duration.ofMillis(100)), true, true, List.of(), true),
            8L << 30,
            List.of("/sys/devices/system/cpu/cpu0/thermal_throttle"));

    private static final ContainerSpec APP = Pods.container(
            "app",
            List.of("sh", "-c", "echo $(A) $(B) $(C) $$(A)"),
            List.of(new EnvVar("A", "1"), new EnvVar("B", "$(A)2")),
            new Resources(
                    Map.of("cpu", Quantity.parse("250m"), "memory", Quantity.parse("64Mi")),
                    Map.of("cpu", Quantity.parse("1"), "memory", Quantity.parse("128Mi"))),
            List.of(
                    new ContainerPort("http", 80, 8080, "", ContainerPort.Protocol.TCP),
                    new ContainerPort("http", 80, 8080, "", ContainerPort.Protocol.TCP),
                    new ContainerPort("", 53, 0, "127.0.0.1", ContainerPort.Protocol.UDP)),
            new VolumeMount("data", "/data", true));

    private static final ContainerConfigs.Instance INSTANCE = new ContainerConfigs.Instance(
            2,
            Duration.ofSeconds(20),
            0,
            "sha256:busybox",
            new ContainerMounts(
                    List.of(new MountSource.OnNode(Path.of("/srv/data"), false)),
                    Map.of(),
                    false,
                    Path.of("/root/pods/uid/etc-hosts"),
                    Path.of("/root/pods/uid/containers/app/2")));

    private static PodSandboxConfig sandbox(Pod pod, int attempt, Optional<String> hostName) {
        Path logs = Path.of("/var/log/pods/default_web-node1_" + Pods.UID);
        PodDns dns = PodDns.of(pod, Optional.of(RESOLV_CONF), NODE);
        return SandboxConfigs.of(
                pod, new SandboxConfigs.Instance(attempt, SEEN, hostName, logs, dns.config(), Optional.empty()), NODE);
    }

    @Test
    void sandboxOfAnOrdinaryPod() throws IOException {
        assertGolden("sandbox.txt", sandbox(Pods.pod(List.of(), APP), 1, Optional.of("web-node1")));
    }

    @Test
    void sandboxOnTheHostNetwork() throws IOException {
        Pod pod = Pods.onHostNetwork(Pods.pod(List.of(), Pods.shell("app", "true")));
        assertGolden("sandbox-host-network.txt", sandbox(pod, 0, Optional.empty()));
    }

    @Test
    void container() throws IOException {
        assertGolden(
                "container.txt",
                ContainerConfigs.of(
                        Pods.pod(List.of(), APP),
                        APP,
                        INSTANCE,
                        EnvExpansion.expand(APP.process(), EnvExpansion.literals(APP.env()), new ProcessSize(true)),
                        NODE));
    }

    @Test
    void containerThatMountsItsOwnHostsFile() {
        ContainerSpec own = Pods.shell("own", "true", new VolumeMount("data", "/etc/hosts", false));
        assertEquals(
                List.of("/etc/hosts=/srv/data", "/dev/termination-log=/root/pods/uid/containers/app/2"),
                ContainerConfigs.of(
                                Pods.pod(List.of(), own),
                                own,
                                INSTANCE,
                                new EnvExpansion.Expanded(Map.of(), List.of(), List.of()),
                                NODE)
                        .mounts()
                        .stream()
                        .map(mount -> mount.containerPath() + "=" + mount.hostPath())
                        .toList());
    }

    @Test
    void countsSharesAsTheKubelet() {
        assertEquals(2, LinuxResources.shares(Optional.empty()));
        assertEquals(2, LinuxResources.shares(Optional.of(Quantity.parse("1m"))));
        assertEquals(256, LinuxResources.shares(Optional.of(Quantity.parse("250m"))));
        assertEquals(262_144, LinuxResources.shares(Optional.of(Quantity.parse("1e6"))));
    }

    @Test
    void scoresMemoryAsTheKubelet() {
        Quantity one = Quantity.parse("1Gi");
        Resources guaranteed = new Resources(Map.of("cpu", one, "memory", one), Map.of("cpu", one, "memory", one));
        assertEquals(-997, score(guaranteed, 8L << 30));
        assertEquals(1000, score(Resources.NONE, 8L << 30));
        assertEquals(875, score(new Resources(Map.of("memory", one), Map.of()), 8L << 30));
        assertEquals(999, score(new Resources(Map.of("cpu", one), Map.of()), 8L << 30));
        assertEquals(3, score(new Resources(Map.of("memory", one), Map.of()), 1L << 30));
    }

    private static long score(Resources resources, long memory) {
        ContainerSpec container = Pods.container("c", List.of(), List.of(), resources, List.of());
        return LinuxResources.oomScore(Pods.pod(List.of(), container).spec(), container, memory);
    }

    private static void assertGolden(String file, Record config) throws IOException {
        StringBuilder text = new StringBuilder();
        write(text, "", "", config);
        if (System.getProperty("jubelet.test.golden", "").equals("update")) {
            Path folder = Files.createDirectories(Path.of("src/test/resources/io/jubelet/criconfig"));
            Files.writeString(folder.resolve(file), text);
            return;
        }
        try (InputStream golden = ConfigGoldenTest.class.getResourceAsStream(file)) {
            String expected = golden == null ? "" : new String(golden.readAllBytes(), StandardCharsets.UTF_8);
            assertEquals(expected, text.toString());
        }
    }

    /** One line for each component that is set, maps sorted by key. */
    private static void write(StringBuilder out, String indent, String name, Object value) {
        switch (value) {
            case null -> {}
            case Record record -> {
                out.append(indent)
                        .append(name)
                        .append(record.getClass().getSimpleName())
                        .append('\n');
                for (RecordComponent component : record.getClass().getRecordComponents()) {
                    write(out, indent + "  ", component.getName() + ": ", read(component, record));
                }
            }
            case Map<?, ?> map ->
                new TreeMap<>(map)
                        .forEach((key, v) -> out.append(indent)
                                .append(name)
                                .append(key)
                                .append(" = ")
                                .append(v)
                                .append('\n'));
            case List<?> list -> list.forEach(element -> write(out, indent, name, element));
            case Number number when number.longValue() == 0 -> {}
            case Boolean flag when !flag -> {}
            case String text when text.isEmpty() -> {}
            default -> out.append(indent).append(name).append(value).append('\n');
        }
    }

    private static Object read(RecordComponent component, Record record) {
        try {
            return component.getAccessor().invoke(record);
        } catch (ReflectiveOperationException e) {
            throw new AssertionError(e);
        }
    }
}
