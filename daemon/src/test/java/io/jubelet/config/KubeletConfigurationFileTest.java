package io.jubelet.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.document.GoDuration;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class KubeletConfigurationFileTest {

    private static final String HEAD = "apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\n";

    private static KubeletConfigurationFile parse(String text) {
        return KubeletConfigurationFile.parse(
                text.getBytes(StandardCharsets.UTF_8), Path.of("/etc/k/config.yaml"), KubeletFlags.NONE);
    }

    @Test
    void readsWhatAppliesToUs() {
        KubeletConfigurationFile file = parse(HEAD + """
                staticPodPath: pods
                fileCheckFrequency: 1m30s
                containerRuntimeEndpoint: unix:///run/c.sock
                imageServiceEndpoint: unix:///run/i.sock
                podLogsDir: /logs
                containerLogMaxSize: 1Mi
                containerLogMaxFiles: 3
                containerLogMonitorInterval: 5s
                crashLoopBackOff: {maxContainerRestartPeriod: 60s}
                runtimeRequestTimeout: 30s
                cpuCFSQuota: false
                cpuCFSQuotaPeriod: 10ms
                serializeImagePulls: false
                maxParallelImagePulls: 4
                """);
        assertEquals(List.of(), file.errors());
        assertEquals(List.of(), file.warnings());
        assertEquals(Optional.of(Path.of("/etc/k/pods")), file.staticPodPath());
        assertEquals(Optional.of(Duration.ofSeconds(90)), file.fileCheckFrequency());
        assertEquals(Optional.of("unix:///run/i.sock"), file.imageServiceEndpoint());
        assertEquals(Optional.of(1L << 20), file.containerLogMaxSize());
        assertEquals(Optional.of(3), file.containerLogMaxFiles());
        assertEquals(Optional.of(Duration.ofMinutes(1)), file.maxContainerRestartPeriod());
        assertEquals(Optional.of(false), file.cpuCfsQuota());
        assertEquals(Optional.of(Duration.ofMillis(10)), file.cpuCfsQuotaPeriod());
        assertEquals(Optional.of(4), file.images().parallelPulls());
    }

    @Test
    void readsWhoMayHaveImagesThatAreThere() {
        PullVerification list = parse(HEAD + """
                imagePullCredentialsVerificationPolicy: NeverVerifyAllowlistedImages
                preloadedImagesVerificationAllowlist: [registry.example/team/*, docker.io/library/busybox]
                """).images().verification().orElseThrow();
        assertFalse(list.required("registry.example/team/app", true));
        assertFalse(list.required("docker.io/library/busybox", true));
        assertTrue(list.required("docker.io/library/busybox2", false));
        assertTrue(list.required("registry.example/team", false));
        assertTrue(PullVerification.DEFAULT.required("a", true) && !PullVerification.DEFAULT.required("a", false));
        assertEquals(Optional.empty(), parse(HEAD).images().verification());
        assertEquals(
                1,
                parse(HEAD + "imagePullCredentialsVerificationPolicy: Sometimes")
                        .errors()
                        .size());
        assertEquals(
                1,
                parse(HEAD + "preloadedImagesVerificationAllowlist: [a.b/c]")
                        .errors()
                        .size());
        String listed = HEAD + "imagePullCredentialsVerificationPolicy: NeverVerifyAllowlistedImages\n";
        for (String wrong : List.of("a.b/c:1", "'*'", "' a.b/c'", "a*b/*", "''", "a.b/c@sha256:1")) {
            assertEquals(
                    1,
                    parse(listed + "preloadedImagesVerificationAllowlist: [" + wrong + "]")
                            .errors()
                            .size(),
                    wrong);
        }
        assertEquals(
                List.of(),
                parse(listed + "preloadedImagesVerificationAllowlist: ['a.b:5000/*', a.b:5000/c]")
                        .errors());
    }

    @Test
    void readsHowManyUserIdsAPodHas() {
        assertEquals(
                Optional.of(131072),
                parse(HEAD + "userNamespaces: {idsPerPod: 131072}").node().idsPerPod());
        for (String wrong : List.of("65535", "65537", "0", "4294967296", "x")) {
            assertEquals(
                    1,
                    parse(HEAD + "userNamespaces: {idsPerPod: " + wrong + "}")
                            .errors()
                            .size(),
                    wrong);
        }
    }

    @Test
    void readsWhatConcernsTheNodesResources() {
        KubeletConfigurationFile file = parse(HEAD + """
                cgroupRoot: /apps
                cgroupDriver: systemd
                cgroupsPerQOS: true
                podPidsLimit: 1000
                singleProcessOOMKill: true
                kubeReserved: {cpu: 100m, memory: 1Gi}
                systemReserved: {cpu: "1", ephemeral-storage: 2Gi}
                evictionHard: {memory.available: 5%, nodefs.available: 10%}
                enforceNodeAllocatable: [pods]
                """);
        assertEquals(List.of(), file.errors());
        assertEquals(List.of(), file.warnings());
        NodeSettings node = file.node();
        assertEquals(Optional.of("/apps"), node.cgroupRoot());
        assertEquals(Optional.of("systemd"), node.cgroupDriver());
        assertEquals(Optional.of(1000L), node.podPidsLimit());
        assertEquals(Optional.of(true), node.singleProcessOomKill());
        assertEquals(1100, node.reserved().get("cpu").milli());
        assertEquals(1L << 30, node.reserved().get("memory").value());
        assertEquals(Optional.of(true), node.enforced());
        assertEquals(50, node.memoryToStayFree(1000));
        NodeSettings flags = NodeSettings.flags(
                Optional.of("/mine"), Optional.empty(), Optional.empty(), Optional.of(-1L), NodeSettings.Dead.UNSAID);
        assertEquals(Optional.of("/mine"), flags.or(node).cgroupRoot());
        assertEquals(Optional.of("systemd"), flags.or(node).cgroupDriver());
        assertEquals(Optional.of(-1L), flags.or(node).podPidsLimit());
    }

    @Test
    void memoryThatMustStayFreeIsAHundredMebibytesUnlessSaidOtherwise() {
        assertEquals(100 << 20, NodeSettings.UNSAID.memoryToStayFree(8L << 30));
        assertEquals(
                200 << 20,
                parse(HEAD + "evictionHard: {memory.available: 200Mi}\n").node().memoryToStayFree(8L << 30));
        // A map that is there takes the place of all defaults.
        assertEquals(
                0,
                parse(HEAD + "evictionHard: {nodefs.available: 10%}\n").node().memoryToStayFree(8L << 30));
    }

    private static EvictionThresholds thresholds(String lines) {
        KubeletConfigurationFile file = parse(HEAD + lines);
        assertEquals(List.of(), file.errors());
        assertEquals(List.of(), file.warnings());
        return file.node().thresholds();
    }

    @Test
    void thresholdsTakeThePlaceOfAllDefaultsUnlessTheyAreMerged() {
        assertEquals(EvictionThresholds.DEFAULT, thresholds(""));
        assertEquals(5, thresholds("").floor("imagefs.inodesFree", 100));
        assertEquals(Map.of(), thresholds("evictionHard: {}\n").hard());
        assertEquals(
                Map.of("pid.available", "7"),
                thresholds("evictionHard: {pid.available: \"7\"}\n").hard());
        EvictionThresholds merged = thresholds(
                "evictionHard: {pid.available: \"7\", nodefs.available: 0%}\nmergeDefaultEvictionSettings: true\n");
        assertEquals(7, merged.floor("pid.available", 100));
        assertEquals(0, merged.floor("nodefs.available", 100));
        assertEquals(5, merged.floor("nodefs.inodesFree", 100));
    }

    /** As the kubelet takes them. */
    @Test
    void noneAndAllAreNoThresholds() {
        EvictionThresholds thresholds =
                thresholds("evictionHard: {memory.available: 0%, nodefs.available: 100%, imagefs.available: 99.5%}\n");
        assertEquals(0, thresholds.floor("memory.available", 1000));
        assertEquals(0, thresholds.floor("nodefs.available", 1000));
        assertEquals(995, thresholds.floor("imagefs.available", 1000));
    }

    @ParameterizedTest
    @CsvSource({
        "containerfs.available, as with the kubelet",
        "containerfs.inodesFree, as with the kubelet",
        "allocatableMemory.available, is not measured"
    })
    void warnsOfASignalThatNothingComesOf(String signal, String why) {
        KubeletConfigurationFile file = parse(HEAD + "evictionHard: {" + signal + ": 5%, memory.available: 5%}\n");
        assertEquals(List.of(), file.errors());
        assertEquals(1, file.warnings().size());
        assertTrue(file.warnings().getFirst().message().startsWith(signal + " has no effect"), signal);
        assertTrue(file.warnings().getFirst().message().contains(why), signal);
        assertEquals(Map.of("memory.available", "5%"), file.node().thresholds().hard());
    }

    @ParameterizedTest
    @CsvSource({"'', 50", "nodeStatusMaxImages: 7, 7", "nodeStatusMaxImages: 0, 0", "nodeStatusMaxImages: -1, -1"})
    void readsHowManyImagesAreTold(String line, int most) {
        KubeletConfigurationFile file = parse(HEAD + line + "\n");
        assertEquals(List.of(), file.errors());
        assertEquals(List.of(), file.warnings());
        assertEquals(most, file.cluster().maxImages());
    }

    @Test
    void saysNothingOfWhatIsNotThere() {
        KubeletConfigurationFile file = parse(HEAD);
        assertEquals(List.of(), file.errors());
        assertEquals(Optional.empty(), file.staticPodPath());
        assertEquals(Optional.empty(), file.cpuCfsQuota());
        assertEquals(Optional.empty(), file.images().parallelPulls());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
                    staticPodPth: x              | 3:1: staticPodPth: a KubeletConfiguration has no field "staticPodPth"; did you mean "staticPodPath"?
                    fileCheckFrequency: 20       | must be a text
                    fileCheckFrequency: 20 s     | is not a duration
                    fileCheckFrequency: -1s      | must not be negative
                    containerLogMaxFiles: 1      | must be 2 or more
                    containerLogMaxSize: 10 MB   | is not a quantity
                    crashLoopBackOff: {max: 1s}  | crashLoopBackOff.max: crashLoopBackOff has no field
                    cgroupDriver: docker         | must be cgroupfs or systemd
                    cgroupRoot: apps             | must be an absolute path
                    podPidsLimit: -2             | must be -1 or more
                    kubeReserved: {gpu: "1"}     | cannot reserve "gpu"
                    systemReserved: {cpu: much}  | is not a quantity
                    evictionHard: {memory.available: 101%} | must be a positive quantity or a percentage
                    evictionHard: {memory.available: -1%} | must be a positive quantity or a percentage
                    evictionHard: {memory.available: "0"} | must be a positive quantity or a percentage
                    evictionHard: {memory.available: ""} | must be a positive quantity or a percentage
                    evictionHard: {disk.available: 5%}   | there is no signal "disk.available"
                    nodeStatusMaxImages: -2      | -1
                    {}                           | is not YAML
                    """)
    void saysWhatIsWrongAndWhere(String line, String message) {
        List<String> errors = parse(HEAD + line + "\n").errors().stream()
                .map(Object::toString)
                .toList();
        assertTrue(errors.toString().contains(message), () -> errors.toString());
    }

    @Test
    void warnsOfAKnownFieldWithoutEffect() {
        KubeletConfigurationFile file = parse(HEAD + "podsPerCore: 10\nreadOnlyPort: 10255\n");
        assertEquals(List.of(), file.errors());
        assertEquals(
                List.of("podsPerCore", "readOnlyPort"),
                file.warnings().stream().map(warning -> warning.field()).toList());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "a: 1", "kind: KubeletConfiguration", "apiVersion: v1\nkind: Pod\n", "---\na: 1\n---\nb: 1\n"
            })
    void refusesOtherFiles(String text) {
        assertTrue(!parse(text).errors().isEmpty());
    }

    @ParameterizedTest
    @CsvSource({"20s, 20000", "1m30s, 90000", "1.5h, 5400000", "100ms, 100", "0, 0", "-1s, -1000", "+1h2m3s4ms, 3723004"
    })
    void readsDurations(String text, long millis) {
        assertEquals(Duration.ofMillis(millis), GoDuration.parse(text));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "-", "5", "s", "1d", "1..5s", "1s ", "99999999999999h"})
    void refusesOtherDurations(String text) {
        assertThrows(IllegalArgumentException.class, () -> GoDuration.parse(text));
    }
}
