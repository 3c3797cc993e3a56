package io.jubelet.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class DaemonConfigTest {

    private static final RunOptions NONE = options(Optional.empty(), Optional.empty(), Optional.empty(), List.of());

    private static RunOptions options(
            Optional<Path> manifests, Optional<String> runtime, Optional<String> node, List<String> ips) {
        return new RunOptions(
                manifests,
                Optional.empty(),
                runtime,
                Optional.empty(),
                node,
                Optional.empty(),
                Optional.empty(),
                ips,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                List.of(),
                ImageSettings.NONE,
                OptionalInt.empty(),
                RunOptions.Names.NOT_GIVEN,
                Optional.empty(),
                OptionalInt.empty(),
                CertificateSettings.UNSAID,
                NodeSettings.UNSAID,
                KubeletFlags.NONE);
    }

    private static Optional<KubeletConfigurationFile> file(String text) {
        String head = "apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\n";
        return Optional.of(KubeletConfigurationFile.parse(
                (head + text).getBytes(StandardCharsets.UTF_8), Path.of("/etc/k/config.yaml"), KubeletFlags.NONE));
    }

    private static RunOptions flags(String runtime, String node, List<String> ips) {
        return options(Optional.of(Path.of("/m")), Optional.of(runtime), Optional.of(node), ips);
    }

    @Test
    void defaultsAreWhatAUserExpects() {
        DaemonConfig config = DaemonConfig.of(NONE, Optional.empty(), " Node1.Example ");
        assertEquals(Path.of("/etc/kubernetes/manifests"), config.manifestPath());
        assertEquals(Duration.ofSeconds(20), config.fileCheckFrequency());
        assertEquals("unix:///run/containerd/containerd.sock", config.runtimeEndpoint());
        assertEquals(config.runtimeEndpoint(), config.imageEndpoint());
        assertEquals(Path.of("/var/lib/jubelet"), config.rootDir());
        assertEquals(Path.of("/var/log/pods"), config.podLogsDir());
        assertEquals("node1.example", config.nodeName());
        assertEquals(Path.of("/run/jubelet/jubelet.sock"), config.apiSocket());
        assertEquals(10L << 20, config.logMaxSize());
        assertEquals(5, config.logMaxFiles());
        assertEquals(Duration.ofSeconds(300), config.maxRestartBackoff());
        assertEquals(Duration.ofMinutes(2), config.runtimeTimeout());
        assertTrue(config.cpuCfsQuota());
        assertEquals(8, config.images().maxParallelPulls());
    }

    @Test
    void theFileWinsOverDefaultsAndAFlagOverTheFile() {
        var file = file("staticPodPath: pods\nfileCheckFrequency: 5s\ncontainerRuntimeEndpoint: unix:///run/f.sock\n");
        DaemonConfig fromFile = DaemonConfig.of(NONE, file, "n");
        assertEquals(Path.of("/etc/k/pods"), fromFile.manifestPath());
        assertEquals(Duration.ofSeconds(5), fromFile.fileCheckFrequency());
        assertEquals("unix:///run/f.sock", fromFile.imageEndpoint());
        DaemonConfig fromFlags = DaemonConfig.of(flags("simulated:", "n2", List.of("10.0.0.1,fd00::1")), file, "n");
        assertEquals(Path.of("/m"), fromFlags.manifestPath());
        assertEquals("simulated:", fromFlags.runtimeEndpoint());
        assertEquals("n2", fromFlags.nodeName());
        assertEquals(2, fromFlags.nodeIps().size());
        assertEquals(Duration.ofSeconds(5), fromFlags.fileCheckFrequency());
    }

    @Test
    void whatPodsMayDoIsToldByTheFile() {
        assertFalse(DaemonConfig.of(NONE, Optional.empty(), "n").confinement().seccompDefault());
        var file = file("seccompDefault: true\nallowedUnsafeSysctls: [net.core.*, kernel.sem]\n");
        assertTrue(DaemonConfig.of(NONE, file, "n").confinement().seccompDefault());
        assertEquals(
                Optional.of(List.of("net.core.*", "kernel.sem")),
                file.orElseThrow().allowedUnsafeSysctls());
        assertTrue(file("allowedUnsafeSysctls: [vm.*]\n")
                .orElseThrow()
                .errors()
                .toString()
                .contains("whole node"));
    }

    @Test
    void theSimulationKeepsItsLogsInTheRootDirectory() {
        DaemonConfig config = DaemonConfig.of(flags("simulated:", "n", List.of()), Optional.empty(), "n");
        assertEquals(config.rootDir().resolve("logs"), config.podLogsDir());
    }

    @Test
    void everythingThatIsWrongIsNamed() {
        var wrong = assertThrows(
                IllegalArgumentException.class,
                () -> DaemonConfig.of(
                        flags("tcp://x", "a_b", List.of("10.0.0.1", "10.0.0.2")),
                        file("crashLoopBackOff: {maxContainerRestartPeriod: 400s}\n"),
                        "n"));
        for (String part : List.of("endpoint", "node name", "IPv4 and one of IPv6", "back-off")) {
            assertTrue(wrong.getMessage().contains(part), wrong.getMessage());
        }
        assertThrows(
                IllegalArgumentException.class,
                () -> DaemonConfig.of(flags("simulated:", "n", List.of("localhost")), Optional.empty(), "n"));
    }
}
