/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.config;

import static io.jubelet.config.Configs.FILE;
import static io.jubelet.config.Configs.ofFlags;
import static io.jubelet.config.Configs.parse;
import static io.jubelet.config.Configs.parseWhole;
import static io.jubelet.config.Configs.valid;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LoadedConfigTest {

    @Test
    void withoutFlagsAndFileEverythingHasItsDefault() throws IOException {
        DaemonConfig config = valid(LoadedConfig.load(FlagValues.NONE, " Node1.Example "));
        NodeConfig node = config.node();
        assertEquals("node1.example", node.name());
        assertEquals(List.of(), node.addresses());
        assertEquals(
                new NodeConfig.Manifests(Path.of("/etc/kubernetes/manifests"), Duration.ofSeconds(20), true, false),
                node.manifests());
        assertEquals(Path.of("/var/lib/jubelet"), node.rootDir());
        assertEquals(Path.of("/run/jubelet/jubelet.sock"), node.apiSocket());
        RuntimeConfig runtime = config.runtime();
        assertEquals("unix:///run/containerd/containerd.sock", runtime.endpoint());
        assertEquals(runtime.endpoint(), runtime.imageEndpoint());
        assertEquals(Duration.ofMinutes(2), runtime.requestTimeout());
        assertEquals(
                new RuntimeConfig.Logs(Path.of("/var/log/pods"), 10L << 20, 5, Duration.ofSeconds(10)), runtime.logs());
        assertEquals(Duration.ofSeconds(300), runtime.maxRestartPeriod());
        assertEquals(new RuntimeConfig.DeadContainers(Duration.ZERO, 1, -1), runtime.deadContainers());
        assertEquals(
                new RuntimeConfig.Dns(List.of(), Optional.empty(), Optional.of(Path.of("/etc/resolv.conf"))),
                runtime.dns());
        assertEquals(
                new ImageConfig(
                        new ImageConfig.Pulls(8, 5, 10),
                        new ImageConfig.Collection(85, 80, Duration.ofMinutes(2), Duration.ZERO),
                        PullVerification.DEFAULT,
                        Optional.empty()),
                runtime.images());
        ResourceConfig resources = config.resources();
        assertEquals(110, resources.maxPods());
        assertEquals(
                new ResourceConfig.Cgroups(
                        List.of(), true, Optional.empty(), -1, false, Optional.of(Duration.ofMillis(100))),
                resources.cgroups());
        assertEquals(Map.of(), resources.reserved());
        assertTrue(resources.enforceAllocatable());
        assertEquals(EvictionThresholds.DEFAULT, resources.evictionHard());
        assertFalse(resources.confinement().seccompDefault());
        assertEquals(110, resources.confinement().maxPods());
        assertEquals(Path.of("/var/lib/jubelet/pki"), config.listeners().certDir());
        assertEquals(
                new ClusterConfig(
                        Optional.empty(),
                        Optional.empty(),
                        false,
                        new ClusterConfig.Registration(true, List.of(), Optional.empty()),
                        new ClusterConfig.NodeStatus(
                                Duration.ofSeconds(10),
                                Duration.ofMinutes(5),
                                Duration.ofSeconds(40),
                                Duration.ofMinutes(5),
                                50),
                        new ClusterConfig.EventRate(50, 100)),
                config.cluster());
    }

    @Test
    void theFileWinsOverDefaultsAndAFlagOverTheFile() {
        String file = "staticPodPath: pods\nfileCheckFrequency: 5s\ncontainerRuntimeEndpoint: unix:///run/f.sock\n";
        DaemonConfig fromFile = valid(parse(file));
        assertEquals(Path.of("/etc/k/pods"), fromFile.node().manifests().path());
        assertEquals(Duration.ofSeconds(5), fromFile.node().manifests().checkFrequency());
        assertEquals("unix:///run/f.sock", fromFile.runtime().imageEndpoint());
        DaemonConfig fromFlags = valid(parse(
                file,
                "--pod-manifest-path=/m",
                "--container-runtime-endpoint=simulated:",
                "--hostname-override=n2",
                "--node-ip=10.0.0.1,fd00::1"));
        assertEquals(Path.of("/m"), fromFlags.node().manifests().path());
        assertEquals("simulated:", fromFlags.runtime().endpoint());
        assertEquals("n2", fromFlags.node().name());
        assertEquals(2, fromFlags.node().addresses().size());
        assertEquals(Duration.ofSeconds(5), fromFlags.node().manifests().checkFrequency());
    }

    @Test
    void everythingThatIsWrongIsNamedWithItsFlagOrLine() {
        List<String> errors = parse(
                        "crashLoopBackOff: {maxContainerRestartPeriod: 400s}\n",
                        "--container-runtime-endpoint=tcp://x",
                        "--hostname-override=a_b",
                        "--node-ip=10.0.0.1,10.0.0.2",
                        "--bootstrap-kubeconfig=/b",
                        "--image-gc-low-threshold=90",
                        "--root-dir=relative",
                        "--image-credential-provider-config=/p.yaml",
                        "--cpu-cfs-quota-period=2s")
                .errors();
        for (String expected : List.of(
                FILE + ":3:47: crashLoopBackOff.maxContainerRestartPeriod: must be from 1000 ms to 300 s",
                "--container-runtime-endpoint=tcp://x: must be unix:// and an absolute path",
                "--hostname-override=a_b: the node name \"a_b\" must be letters",
                "--node-ip=10.0.0.1,10.0.0.2: two addresses must be one of IPv4 and one of IPv6",
                "--bootstrap-kubeconfig=/b: needs --kubeconfig",
                "--image-gc-low-threshold=90: must be less than imageGCHighThresholdPercent, which is 85",
                "--root-dir=relative: must be an absolute path",
                "--image-credential-provider-config=/p.yaml: needs --image-credential-provider-bin-dir",
                "--cpu-cfs-quota-period=2s: must be from 1 ms to 1 s")) {
            assertEquals(
                    1,
                    errors.stream().filter(error -> error.startsWith(expected)).count(),
                    () -> expected + " is not in " + errors);
        }
        assertEquals(9, errors.size(), errors::toString);
    }

    @Test
    void aNameOfTheHostThatIsNoNodeNameIsNamedWithoutAFlag() throws IOException {
        assertTrue(LoadedConfig.load(FlagValues.NONE, "a_b")
                .errors()
                .getFirst()
                .startsWith("--hostname-override: the node name \"a_b\""));
    }

    @Test
    void nameOfTheNodeIsInLowerCaseWithoutBlanks() throws IOException {
        assertEquals(
                "edge-01.example",
                valid(LoadedConfig.load(FlagValues.NONE, "EDGE-01.example"))
                        .node()
                        .name());
        assertEquals(
                "edge-01",
                valid(parse("", "--hostname-override= Edge-01 ")).node().name());
    }

    @Test
    void aNameIsNoAddress() {
        assertEquals(
                List.of("--node-ip=localhost: \"localhost\" is not an IP address, and is ignored as by the kubelet"),
                ofFlags("--node-ip=localhost").warnings());
        assertEquals(
                List.of("--cluster-dns=10.0.0.10,dns: \"dns\" is not an IP address"),
                ofFlags("--cluster-dns=10.0.0.10,dns").errors());
    }

    @Test
    void labelsOfTheNodeAreChecked() {
        assertEquals(
                Map.of("disk", "ssd", "example.com/zone", "", "alone", ""),
                valid(ofFlags("--node-labels=disk=ssd,example.com/zone=,alone"))
                        .node()
                        .labels());
        for (String wrong : List.of("=ssd", "/a=b", "a=b c")) {
            assertEquals(1, ofFlags("--node-labels=" + wrong).errors().size(), wrong);
        }
    }

    @Test
    void aFileThatIsAbsentCannotBeRead() {
        assertThrows(
                NoSuchFileException.class,
                () -> LoadedConfig.load(Configs.flags("--config=/no/such/file.yaml"), Configs.HOSTNAME));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "a: 1", "kind: KubeletConfiguration", "apiVersion: v1\nkind: Pod\n", "---\na: 1\n---\nb: 1\n"
            })
    void otherFilesAreErrors(String text) {
        assertFalse(parseWhole(text).errors().isEmpty());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
        staticPodPth: x              | 3:1: staticPodPth: a KubeletConfiguration has no field "staticPodPth"; did you mean "staticPodPath"?
        fileCheckFrequency: 20       | must be a string
        fileCheckFrequency: 20 s     | is not a duration
        imageMinimumGCAge: -1s       | must not be negative
        containerLogMaxFiles: 1      | must be 2 or more
        containerLogMaxSize: 10 MB   | is not a quantity
        containerLogMaxSize: "0"     | must be more than 0
        crashLoopBackOff: {max: 1s}  | crashLoopBackOff.max: crashLoopBackOff has no field
        crashLoopBackOff: 3s         | 3:19: crashLoopBackOff: must be a mapping
        cgroupDriver: docker         | must be cgroupfs or systemd
        cgroupRoot: apps             | must be an absolute path
        staticPodURL: http://192.0.2.1 | is not supported: manifests come from a directory only
        defaultPodSysctls: {kernel.msgmax: "1"} | write them into spec.securityContext.sysctls
        memorySwap: {swapBehaviour: x} | did you mean "swapBehavior"?
        tracing: 1                   | tracing: must be a mapping
        clientCAFile: /ca            | 3:1: clientCAFile: a KubeletConfiguration has no field "clientCAFile"; it belongs to authentication.x509
        authentication: {clientCAFile: /ca} | it belongs to authentication.x509
        swapBehavior: NoSwap         | it belongs to memorySwap
        maxContainerRestartPeriod: 60s | it belongs to crashLoopBackOff
        crashLoopBackOff: {maxPods: 3} | it belongs to the top level
        idsPerPod: 65536             | it belongs to userNamespaces
        kubeReserved: {gpu: "1"}     | cannot reserve "gpu"
        systemReserved: {cpu: much}  | is not a quantity
        evictionHard: {memory.available: 101%} | must be a positive quantity or a percentage
        evictionHard: {memory.available: -1%} | must be a positive quantity or a percentage
        evictionHard: {memory.available: "0"} | must be a positive quantity or a percentage
        evictionHard: {memory.available: ""} | must be a positive quantity or a percentage
        evictionHard: {disk.available: 5%}   | there is no signal "disk.available"
        nodeStatusMaxImages: -2      | -1
        allowedUnsafeSysctls: [vm.*] | is not namespaced
        {}                           | is not YAML
        """)
    void anErrorNamesWhatIsWrongAndWhere(String line, String message) {
        String errors = parse(line + "\n").errors().toString();
        assertTrue(errors.contains(message), errors);
    }

    @Test
    void aFieldWithoutEffectIsAWarning() {
        LoadedConfig loaded = parse("podsPerCore: 10\nenableContentionProfiling: true\n");
        assertEquals(List.of(), loaded.errors());
        assertEquals(
                List.of(
                        FILE + ":3:1: podsPerCore: has no effect yet in Jubelet",
                        FILE
                                + ":4:1: enableContentionProfiling: has no effect: these are profiles of Go; those of a JVM"
                                + " are recorded with jcmd on the node"),
                loaded.warnings());
    }

    /** As kubeadm 1.36 writes it for a control plane. */
    @Test
    void theConfigurationThatKubeadmWritesHasNoWarnings() throws Exception {
        String text;
        try (InputStream kubeadm = LoadedConfigTest.class.getResourceAsStream("kubeadm-kubelet.yaml")) {
            text = new String(kubeadm.readAllBytes(), StandardCharsets.UTF_8);
        }
        DaemonConfig config = valid(parseWhole(text));
        assertEquals(
                new ListenerConfig.Endpoint("127.0.0.1", 10248),
                config.listeners().health());
        assertFalse(config.listeners().kubelet().isOpen());
        assertEquals(
                Path.of("/etc/kubernetes/manifests"), config.node().manifests().path());
        assertEquals(List.of("10.96.0.10"), config.runtime().dns().clusterServers());
        assertEquals(Optional.of("systemd"), config.resources().cgroups().driver());
        assertEquals(ofFlags().config().cluster().status(), config.cluster().status());
    }
}
