package io.jubelet.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.config.ClusterOptions.NodeTaint;
import io.jubelet.config.KubeletFlags.Given;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KubeletFlagsTest {

    private static final Path FILE = Path.of("/var/lib/kubelet/config.yaml");

    private static KubeletFlags flags(String... words) {
        List<Given> given = new ArrayList<>();
        for (String word : words) {
            int equals = word.indexOf('=');
            given.add(new Given(word.substring(0, equals), word.substring(equals + 1)));
        }
        return new KubeletFlags(given);
    }

    private static KubeletConfigurationFile parse(String text, String... flags) {
        String head = "apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\n";
        return KubeletConfigurationFile.parse((head + text).getBytes(StandardCharsets.UTF_8), FILE, flags(flags));
    }

    @Test
    void aFlagSaysWhatItsFieldWouldSay() {
        KubeletConfigurationFile file = parse(
                "",
                "--register-node=false",
                "--register-with-taints=a=b:NoSchedule,example.com/c:NoExecute",
                "--provider-id=cloud://x",
                "--node-status-update-frequency=3s",
                "--event-qps=7",
                "--kube-reserved=cpu=100m,memory=1Gi",
                "--eviction-hard=memory.available<200Mi,pid.available<10%",
                "--serialize-image-pulls=false",
                "--eviction-pressure-transition-period=1m");
        assertEquals(List.of(), file.errors());
        assertEquals(List.of(), file.warnings());
        ClusterOptions cluster = file.cluster();
        assertFalse(cluster.registerNode());
        assertEquals(
                List.of(new NodeTaint("a", "b", "NoSchedule"), new NodeTaint("example.com/c", "", "NoExecute")),
                cluster.taints());
        assertEquals("cloud://x", cluster.providerId());
        assertEquals(Duration.ofSeconds(3), cluster.statusUpdateFrequency());
        assertEquals(Duration.ofSeconds(3), cluster.statusReportFrequency());
        assertEquals(7, cluster.eventsPerSecond());
        assertEquals(Duration.ofMinutes(1), cluster.pressureTransition());
        assertEquals(100, file.node().reserved().get("cpu").milli());
        assertEquals(200L << 20, file.node().memoryToStayFree(8L << 30));
        assertEquals(100, file.node().thresholds().floor("pid.available", 1000));
        // A map that is given replaces all.
        assertEquals(0, file.node().thresholds().floor("nodefs.available", 1000));
    }

    @Test
    void flagsNeedNoFile() {
        KubeletConfigurationFile none = KubeletConfigurationFile.of(flags("--provider-id=cloud://x"));
        assertEquals(List.of(), none.errors());
        assertEquals("cloud://x", none.cluster().providerId());
    }

    @Test
    void flagsWinOverTheFile() {
        String text = "nodeLeaseDurationSeconds: 10\nnodeStatusUpdateFrequency: 1s\nproviderID: file://x\n";
        ClusterOptions cluster =
                parse(text, "--provider-id=flag://x", "--provider-id=last://x").cluster();
        assertEquals("last://x", cluster.providerId());
        assertEquals(Duration.ofSeconds(10), cluster.leaseDuration());
        assertEquals(Duration.ofSeconds(1), cluster.statusUpdateFrequency());
    }

    @Test
    void aFlagMaySpeakOfAFieldInAnother() {
        String text = "authentication: {x509: {clientCAFile: ca.crt}, webhook: {cacheTTL: 1m}}\nauthorization:\n";
        CallerSettings callers = parse(
                        text,
                        "--port=10250",
                        "--client-ca-file=/other/ca.crt",
                        "--anonymous-auth=false",
                        "--authentication-token-webhook=true",
                        "--authorization-mode=AlwaysAllow",
                        "--authorization-webhook-cache-authorized-ttl=1s")
                .listener()
                .callers();
        assertEquals(
                new CallerSettings(
                        Optional.of(Path.of("/other/ca.crt")),
                        Optional.of(true),
                        Duration.ofMinutes(1),
                        CallerSettings.Mode.AlwaysAllow,
                        Duration.ofSeconds(1),
                        Duration.ofSeconds(30)),
                callers);
        assertEquals(
                Optional.of(Path.of("ca.crt").toAbsolutePath()),
                parse("", "--client-ca-file=ca.crt").listener().callers().authority(),
                "from where we were started");
        assertEquals(
                Optional.of(FILE.resolveSibling("ca.crt")),
                parse(text).listener().callers().authority(),
                "from where the file is");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            --authorization-mode=RBAC           | --authorization-mode=RBAC: must be one of Webhook, AlwaysAllow
            --authorization-webhook-cache-unauthorized-ttl=5 | unauthorized-ttl=5: "5" is not a duration
            --healthz-port=99999                | --healthz-port=99999: must be from 0 to 65535
            --healthz-bind-address=localhost    | --healthz-bind-address=localhost: must be an IP address
            --tls-min-version=TLS13             | --tls-min-version=TLS13: must be VersionTLS12 or VersionTLS13
            --port=10250                        | --port=10250: needs authentication.x509.clientCAFile
            --event-qps=many                    | --event-qps=many: must be a whole number
            --register-node=perhaps             | --register-node=perhaps: must be true or false
            --register-with-taints=a=b          | --register-with-taints=a=b: is required
            --register-with-taints=a=b:Never    | must be one of NoSchedule, PreferNoSchedule, NoExecute
            --eviction-hard=memory.free<100Mi   | there is no signal "memory.free"
            --eviction-hard=memory.available<x  | must be a positive quantity or a percentage
            --node-status-update-frequency=10   | --node-status-update-frequency=10:
            """)
    void whatIsWrongIsSaidOfTheFlag(String flag, String expected) {
        KubeletFlags flags = flags(flag);
        KubeletConfigurationFile file = parse("", flag);
        assertEquals(1, file.errors().size(), () -> file.errors().toString());
        String said = flags.where(file.errors().getFirst(), FILE);
        assertTrue(said.contains(expected), said);
    }

    @Test
    void aFindingInTheFileIsSaidOfTheFile() {
        KubeletConfigurationFile file = parse("podsPerCore: 3\n", "--pods-per-core=4", "--max-open-files=5");
        List<String> said = file.warnings().stream()
                .map(w -> flags("--pods-per-core=4", "--max-open-files=5").where(w, FILE))
                .toList();
        assertEquals(2, said.size(), said::toString);
        assertTrue(said.getFirst().startsWith("--pods-per-core=4: "), said::toString);
        String ofFile = flags().where(parse("podsPerCore: 3\n").warnings().getFirst(), FILE);
        assertTrue(ofFile.startsWith(FILE + ":3:1: podsPerCore: "), ofFile);
    }

    @Test
    void whatDoesNotApplyWarnsOnceByName() {
        KubeletFlags flags = flags(
                "--pod-infra-container-image=registry.k8s.io/pause:3.10",
                "--runtime-cgroups=/system.slice",
                "--pod-infra-container-image=registry.k8s.io/pause:3.11");
        List<String> warnings = flags.warnings();
        assertEquals(2, warnings.size(), warnings::toString);
        assertTrue(warnings.getFirst().startsWith("--pod-infra-container-image has no effect: "), warnings::toString);
        assertTrue(warnings.getFirst().contains("sandbox_image"), warnings::toString);
    }

    @Test
    void theOnlyCloudIsAnExternalOne() {
        assertTrue(flags("--cloud-provider=external").externalCloud());
        assertFalse(flags("--cloud-provider=").externalCloud());
        assertThrows(
                IllegalArgumentException.class,
                () -> flags("--cloud-provider=aws").externalCloud());
        assertEquals(
                List.of(new NodeTaint("node.cloudprovider.kubernetes.io/uninitialized", "true", "NoSchedule")),
                ClusterOptions.DEFAULT.uninitialized().taints());
    }

    @Test
    void unknownFlagsAreNotKnown() {
        assertFalse(KubeletFlags.knows("--register-nodes"));
        assertFalse(KubeletFlags.knows("--network-plugin"));
        assertTrue(KubeletFlags.isSwitch("--register-node"));
        assertFalse(KubeletFlags.isSwitch("--register-with-taints"));
    }

    /** As kubeadm 1.36 writes it for a control plane. */
    @Test
    void theConfigurationThatKubeadmWritesWarnsOfNothing() throws Exception {
        KubeletConfigurationFile file;
        try (InputStream kubeadm = KubeletFlagsTest.class.getResourceAsStream("kubeadm-kubelet.yaml")) {
            file = KubeletConfigurationFile.parse(kubeadm.readAllBytes(), FILE, KubeletFlags.NONE);
        }
        assertEquals(List.of(), file.errors());
        assertEquals(List.of(), file.warnings());
        assertEquals(new HealthPortSettings(10248, "127.0.0.1"), file.listener().health());
        assertEquals(0, file.listener().port());
        assertEquals(Optional.of(Path.of("/etc/kubernetes/manifests")), file.staticPodPath());
        assertEquals(List.of("10.96.0.10"), file.clusterDns());
        assertEquals(Optional.of("systemd"), file.node().cgroupDriver());
        assertEquals(ClusterOptions.DEFAULT, file.cluster());
    }
}
