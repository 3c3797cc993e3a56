/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.config;

import static io.jubelet.config.Configs.parse;
import static io.jubelet.config.Configs.valid;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.document.Documents;
import io.jubelet.document.Findings;
import io.jubelet.document.JsonText;
import io.jubelet.document.Node;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tests what {@code /configz} shows. */
class EffectiveConfigurationTest {

    private static final String ACCESS = "authentication: {x509: {clientCAFile: /ca.crt}}\n";

    /** Fields that have an effect and are absent where nothing is configured, because they have no default. */
    private static final Set<String> WITHOUT_DEFAULT = Set.of(
            "imageServiceEndpoint",
            "clusterDomain",
            "cgroupRoot",
            "cgroupDriver",
            "tlsCertFile",
            "tlsPrivateKeyFile",
            "registerWithTaints",
            "providerID");

    private static String shown(LoadedConfig loaded, String path) {
        Node.Mapping all = (Node.Mapping)
                Documents.readJson(loaded.config().kubeletConfiguration().orElseThrow(), new Findings());
        Node value = FieldPath.get(all, path);
        return value == null ? "" : JsonText.of(value);
    }

    @Test
    void showsEveryFieldThatHasAnEffect() {
        LoadedConfig loaded = parse(ACCESS, "--kubeconfig=/k");
        for (Setting setting : Settings.all()) {
            String field = setting.field().orElse("");
            if (!field.isEmpty() && !WITHOUT_DEFAULT.contains(field)) {
                assertFalse(shown(loaded, field).isEmpty(), field);
            }
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '\'', textBlock = """
            apiVersion                              | "kubelet.config.k8s.io/v1beta1"
            kind                                    | "KubeletConfiguration"
            port                                    | 10250
            readOnlyPort                            | 0
            address                                 | "0.0.0.0"
            staticPodPath                           | "/etc/kubernetes/manifests"
            fileCheckFrequency                      | "20s"
            runtimeRequestTimeout                   | "2m0s"
            nodeStatusReportFrequency               | "5m0s"
            cpuCFSQuotaPeriod                       | "100ms"
            imageMaximumGCAge                       | "0s"
            maxPods                                 | 110
            containerLogMaxSize                     | "10Mi"
            podLogsDir                              | "/var/log/pods"
            podPidsLimit                            | -1
            enforceNodeAllocatable                  | ["pods"]
            clusterDNS                              | []
            kubeReserved                            | {}
            authentication.x509.clientCAFile        | "/ca.crt"
            authentication.anonymous.enabled        | false
            authentication.webhook.enabled          | true
            authorization.mode                      | "Webhook"
            authorization.webhook.cacheAuthorizedTTL | "5m0s"
            crashLoopBackOff.maxContainerRestartPeriod | "5m0s"
            enableDebuggingHandlers                 | true
            tlsMinVersion                           | "VersionTLS12"
            tlsCurvePreferences                     | []
            imagePullCredentialsVerificationPolicy  | "NeverVerifyPreloadedImages"
            cpuManagerPolicy                        | ''
            """)
    void showsTheDefaults(String field, String value) {
        assertEquals(value, shown(parse(ACCESS, "--kubeconfig=/k"), field));
    }

    @Test
    void theDefaultsOfEvictionAreShown() {
        String hard = shown(parse(ACCESS, "--kubeconfig=/k"), "evictionHard");
        assertTrue(hard.contains("\"memory.available\":\"100Mi\""), hard);
        assertTrue(hard.contains("\"imagefs.inodesFree\":\"5%\""), hard);
    }

    @Test
    void flagsWinAndZeroStandsForTheDefaultAsItDoesInEffect() {
        LoadedConfig loaded = parse(
                ACCESS
                        + "maxPods: 0\nregistryBurst: 0\nregistryPullQPS: 0\nfileCheckFrequency: 0s\nsystemReserved: {cpu: \"1\"}\n"
                        + "serializeImagePulls: true\nnodeStatusUpdateFrequency: 15s\n"
                        + "registerWithTaints: [{key: a, effect: NoSchedule}]\nauthorization: {mode: AlwaysAllow}\n",
                "--kubeconfig=/k",
                "--port=10251",
                "--eviction-hard=memory.available<1Gi",
                "--cluster-dns=192.0.2.1,192.0.2.2");
        assertEquals("110", shown(loaded, "maxPods"));
        assertEquals("10", shown(loaded, "registryBurst"));
        assertEquals("0", shown(loaded, "registryPullQPS"));
        assertEquals("\"20s\"", shown(loaded, "fileCheckFrequency"));
        assertEquals("{\"cpu\":\"1\"}", shown(loaded, "systemReserved"));
        assertEquals("1", shown(loaded, "maxParallelImagePulls"));
        assertEquals("\"15s\"", shown(loaded, "nodeStatusUpdateFrequency"));
        assertEquals("\"15s\"", shown(loaded, "nodeStatusReportFrequency"));
        assertEquals("[{\"key\":\"a\",\"effect\":\"NoSchedule\"}]", shown(loaded, "registerWithTaints"));
        assertEquals("\"AlwaysAllow\"", shown(loaded, "authorization.mode"));
        assertEquals("10251", shown(loaded, "port"));
        assertEquals("{\"memory.available\":\"1Gi\"}", shown(loaded, "evictionHard"));
        assertEquals("[\"192.0.2.1\",\"192.0.2.2\"]", shown(loaded, "clusterDNS"));
    }

    @Test
    void fieldsWithoutEffectAreShownAsTheyWereConfigured() {
        LoadedConfig loaded = parse(
                ACCESS + "cpuManagerPolicy: static\nfeatureGates: {A: true}\nhairpinMode: promiscuous-bridge\n"
                        + "shutdownGracePeriodByPodPriority: [{priority: 1, shutdownGracePeriodSeconds: 2}]\n",
                "--kubeconfig=/k");
        assertEquals("\"static\"", shown(loaded, "cpuManagerPolicy"));
        assertEquals("{\"A\":true}", shown(loaded, "featureGates"));
        assertEquals("\"promiscuous-bridge\"", shown(loaded, "hairpinMode"));
        assertEquals(
                "[{\"priority\":1,\"shutdownGracePeriodSeconds\":2}]",
                shown(loaded, "shutdownGracePeriodByPodPriority"));
    }

    @Test
    void headersThatCanHaveAPasswordAreNotShown() {
        LoadedConfig loaded = parse(ACCESS + "staticPodURLHeader: {Authorization: [hunter2]}\n", "--kubeconfig=/k");
        assertEquals("", shown(loaded, "staticPodURLHeader"));
        assertFalse(loaded.config().kubeletConfiguration().orElseThrow().contains("hunter2"));
    }

    @Test
    void nothingIsKeptWhereNoPortServesIt() {
        assertEquals(Optional.empty(), valid(parse("")).kubeletConfiguration());
        assertEquals(Optional.empty(), valid(parse("readOnlyPort: 10255\n")).kubeletConfiguration());
    }
}
