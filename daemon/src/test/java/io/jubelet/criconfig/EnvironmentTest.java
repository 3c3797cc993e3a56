package io.jubelet.criconfig;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.node.Mounts;
import io.jubelet.node.NodeCapacity;
import io.jubelet.node.ResolvConf;
import io.jubelet.pod.ContainerSpec;
import io.jubelet.pod.EnvExpansion;
import io.jubelet.pod.EnvVar;
import io.jubelet.pod.LocalConfig;
import io.jubelet.pod.Pod;
import io.jubelet.pod.Quantity;
import io.jubelet.pod.Resources;
import io.jubelet.pod.Volume;
import io.jubelet.podfiles.PodDirectories;
import io.jubelet.volume.PodHome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EnvironmentTest {

    @TempDir
    private Path dir;

    private final NodeProfile node = new NodeProfile(
            Pods.NODE,
            Path.of("/var/log/pods"),
            NameResolution.asNode(new ResolvConf(List.of(), List.of(), List.of())),
            8L << 30,
            Optional.empty(),
            false,
            false,
            List.of(),
            List.of("192.0.2.1", "2001:db8::1"),
            () -> new NodeCapacity(4000, 8L << 30, 100_000_000_001L, Map.of()),
            NodeProfile.Cgroups.NONE);
    private final ContainerSpec app = Pods.container(
            "app",
            List.of("true"),
            List.of(),
            new Resources(
                    Map.of("cpu", Quantity.parse("250m"), "memory", Quantity.parse("100")),
                    Map.of("cpu", Quantity.parse("1100m"), "memory", Quantity.parse("64Mi"))),
            List.of());
    private final ContainerSpec free = Pods.shell("free", "true");
    private final Pod pod = Pods.pod(
            List.of(
                    new Volume.EmptyDir("settings", Volume.Medium.DISK, Optional.empty()),
                    new Volume.HostPath("host", "/etc", Volume.HostPathType.UNSET)),
            app,
            free);
    private PodDirectories directories;

    @BeforeEach
    void make() throws IOException {
        directories = PodDirectories.open(dir.resolve("root"), dir.resolve("logs"), new Mounts());
    }

    private Environment of(ContainerSpec container) {
        return new Environment(pod, container, List.of("10.88.0.7", "fd00::7"), node, directories, LocalConfig.NONE);
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
                    metadata.name | web-node1
                    metadata.namespace | default
                    metadata.uid | 0123456789abcdef0123456789abcdef
                    metadata.labels['app'] | web
                    metadata.labels['none'] | ""
                    metadata.annotations['note'] | a
                    metadata.annotations['kubernetes.io/config.hash'] | 0123456789abcdef0123456789abcdef
                    metadata.annotations['kubernetes.io/config.source'] | file
                    spec.nodeName | node1
                    spec.serviceAccountName | ""
                    status.hostIP | 192.0.2.1
                    status.hostIPs | 192.0.2.1,2001:db8::1
                    status.podIP | 10.88.0.7
                    status.podIPs | 10.88.0.7,fd00::7
                    """)
    void tellsFieldsOfThePod(String path, String value) throws IOException {
        assertEquals(Optional.of(value), of(app).value(new EnvVar.Field(path)));
    }

    @ParameterizedTest(name = "{0} {1} / {2}")
    @CsvSource({
        "'', limits.cpu, 1, 2",
        "'', limits.cpu, 1m, 1100",
        "'', requests.cpu, 1m, 250",
        "'', requests.cpu, 1, 1",
        "'', limits.memory, 1Mi, 64",
        "'', limits.memory, 1Gi, 1",
        "'', limits.memory, 1, 67108864",
        "'', requests.memory, 1k, 1",
        "'', requests.ephemeral-storage, 1, 0",
        "'', limits.ephemeral-storage, 1G, 101",
        "'', limits.hugepages-2Mi, 1, 0",
        "free, limits.cpu, 1, 4",
        "free, limits.memory, 1Mi, 8192",
        "free, requests.memory, 1, 0"
    })
    void tellsResourcesInUnitsOfTheDivisorRoundedUp(String container, String resource, String divisor, String value)
            throws IOException {
        EnvVar.Source source = new EnvVar.Resource(container, resource, Quantity.parse(divisor));
        assertEquals(Optional.of(value), of(app).value(source));
    }

    @Test
    void saysWhatOfAFileIsMissing() throws IOException {
        EnvVar.Source key = new EnvVar.FileKey("settings", "app.env", "COLOUR", false);
        EnvVar.Source optional = new EnvVar.FileKey("settings", "app.env", "COLOUR", true);
        assertEquals(
                "environment variable key \"COLOUR\" cannot be had: there is no file \"app.env\" of volume \"settings\"",
                refused(key));
        assertEquals(Optional.empty(), of(app).value(optional));
        Path file =
                directories.home(Pods.UID).volume(PodHome.EMPTY_DIR, "settings").resolve("app.env");
        Files.createDirectories(file.getParent());
        Files.writeString(file, "SIZE='1'\n");
        assertEquals(
                "environment variable key \"COLOUR\" not found in file \"app.env\" of volume \"settings\"",
                refused(key));
        assertEquals(Optional.empty(), of(app).value(optional));
        Files.writeString(file, "COLOUR='deep blue'\n");
        assertEquals(Optional.of("deep blue"), of(app).value(key));
        Files.writeString(file, "broken\n");
        assertEquals("file \"app.env\" of volume \"settings\", line 1: missing '='", refused(optional));
        assertEquals("volume \"host\" is not an emptyDir", refused(new EnvVar.FileKey("host", "passwd", "root", true)));
        assertEquals("the pod has no volume \"x\"", refused(new EnvVar.FileKey("x", "passwd", "root", true)));
    }

    @Test
    void refusesWhatThereIsNot() {
        assertTrue(refused(new EnvVar.Field("spec.hostname")).contains("no field spec.hostname"));
        EnvVar.Source other = new EnvVar.Resource("other", "limits.cpu", Quantity.parse("1"));
        assertTrue(refused(other).contains("no container \"other\""));
        EnvVar.Source wrong = new EnvVar.Resource("", "cpu", Quantity.parse("1"));
        assertTrue(refused(wrong).contains("no resource cpu"));
    }

    @Test
    void whatIsWrittenIsExpandedAndWhatIsToldIsNot() throws IOException {
        List<EnvVar> env = List.of(
                new EnvVar("NAME", new EnvVar.Field("metadata.name")),
                new EnvVar("TEXT", "I am $(NAME), $$(NAME), $(GONE)"),
                new EnvVar("GONE", new EnvVar.FileKey("settings", "app.env", "COLOUR", true)));
        assertEquals(
                Map.of("NAME", "web-node1", "TEXT", "I am web-node1, $(NAME), $(GONE)"),
                EnvExpansion.resolve(List.of(), env, of(app)));
        assertEquals(Map.of("TEXT", "I am $(NAME), $(NAME), $(GONE)"), EnvExpansion.literals(env));
    }

    @Test
    void onlyAddressesOfThePodHaveToBeWaitedFor() {
        assertFalse(Environment.needsAddresses(with("status.hostIP")));
        assertTrue(Environment.needsAddresses(with("status.podIP")));
        assertTrue(Environment.needsAddresses(with("status.podIPs")));
    }

    private static ContainerSpec with(String path) {
        return ContainerSpec.builder("app", "busybox")
                .env(List.of(new EnvVar("A", new EnvVar.Field(path))))
                .build();
    }

    private String refused(EnvVar.Source source) {
        return assertThrows(IOException.class, () -> of(app).value(source)).getMessage();
    }
}
