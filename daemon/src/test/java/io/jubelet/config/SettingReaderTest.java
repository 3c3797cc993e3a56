/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.config;

import static io.jubelet.config.Configs.FILE;
import static io.jubelet.config.Configs.ofFlags;
import static io.jubelet.config.Configs.parse;
import static io.jubelet.config.Configs.valid;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SettingReaderTest {

    @Test
    void aFlagHasTheEffectOfItsField() {
        ResourceConfig resources = valid(parse(
                        "",
                        "--kube-reserved=cpu=100m,memory=1Gi",
                        "--eviction-hard=memory.available<200Mi,pid.available<10%",
                        "--serialize-image-pulls=false"))
                .resources();
        assertEquals(100, resources.reserved().get("cpu").milli());
        assertEquals(200L << 20, resources.memoryToStayFree(8L << 30));
        assertEquals(100, resources.evictionHard().floor("pid.available", 1000));
        // A map that is given replaces all defaults.
        assertEquals(0, resources.evictionHard().floor("nodefs.available", 1000));
    }

    @Test
    void listsAddUpAndOfOtherFlagsTheLastCounts() {
        DaemonConfig config = valid(parse(
                "providerID: file://x\n",
                "--provider-id=flag://x",
                "--provider-id=last://x",
                "--kube-reserved=cpu=1,memory=1Gi",
                "--kube-reserved=cpu=2"));
        assertEquals(Optional.of("last://x"), config.cluster().registration().providerId());
        assertEquals(2000, config.resources().reserved().get("cpu").milli());
        assertEquals(1L << 30, config.resources().reserved().get("memory").value());
    }

    @Test
    void aFlagCanStandForAFieldInAMapping() {
        String text = "authentication: {x509: {clientCAFile: ca.crt}, webhook: {cacheTTL: 1m}}\nauthorization:\n";
        AccessConfig access = valid(parse(
                        text,
                        "--port=10250",
                        "--kubeconfig=/k",
                        "--client-ca-file=/other/ca.crt",
                        "--anonymous-auth=false",
                        "--authentication-token-webhook=true",
                        "--authorization-mode=AlwaysAllow",
                        "--authorization-webhook-cache-authorized-ttl=1s"))
                .listeners()
                .access();
        assertEquals(
                new AccessConfig(
                        Optional.of(Path.of("/other/ca.crt")),
                        Optional.of(true),
                        Duration.ofMinutes(1),
                        AccessConfig.Mode.AlwaysAllow,
                        Duration.ofSeconds(1),
                        Duration.ofSeconds(30),
                        true),
                access);
    }

    @Test
    void aRelativePathIsResolvedAgainstTheFileOrTheCurrentDirectory() {
        String text = "authentication: {x509: {clientCAFile: ca.crt}}\n";
        assertEquals(
                Optional.of(Path.of("ca.crt").toAbsolutePath()),
                valid(parse(text, "--client-ca-file=ca.crt"))
                        .listeners()
                        .access()
                        .clientCa());
        assertEquals(
                Optional.of(FILE.resolveSibling("ca.crt")),
                valid(parse(text)).listeners().access().clientCa());
        assertEquals(
                Path.of("pods").toAbsolutePath(),
                valid(ofFlags("--pod-manifest-path=pods")).node().manifests().path());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            --authorization-mode=RBAC           | --authorization-mode=RBAC: must be one of Webhook, AlwaysAllow
            --authorization-webhook-cache-unauthorized-ttl=5 | unauthorized-ttl=5: "5" is not a duration
            --healthz-port=99999                | --healthz-port=99999: must be from 0 to 65535
            --healthz-bind-address=localhost    | --healthz-bind-address=localhost: must be an IP address
            --tls-min-version=TLS13             | --tls-min-version=TLS13: must be VersionTLS12 or VersionTLS13
            --event-qps=many                    | --event-qps=many: must be a whole number
            --register-node=perhaps             | --register-node=perhaps: must be true or false
            --register-with-taints=a=b          | --register-with-taints=a=b: is required
            --register-with-taints=a=b:Never    | must be one of NoSchedule, PreferNoSchedule, NoExecute
            --eviction-hard=memory.free<100Mi   | there is no signal "memory.free"
            --eviction-hard=memory.available<x  | must be a positive quantity or a percentage
            --node-status-update-frequency=10   | --node-status-update-frequency=10:
            --cpu-cfs-quota-period=2s           | --cpu-cfs-quota-period=2s: must be from 1 ms to 1 s
            """)
    void anErrorNamesTheFlag(String flag, String expected) {
        for (LoadedConfig loaded : List.of(ofFlags(flag), parse("", flag))) {
            assertEquals(1, loaded.errors().size(), () -> loaded.errors().toString());
            assertTrue(loaded.errors().getFirst().contains(expected), loaded.errors()::toString);
        }
    }

    @Test
    void aWarningNamesTheFlagOrTheLineOfTheFile() {
        assertEquals(
                List.of(
                        "--pods-per-core has no effect yet in Jubelet",
                        "--max-open-files has no effect: LimitNOFILE of the unit sets it"),
                parse("podsPerCore: 3\n", "--pods-per-core=4", "--max-open-files=5")
                        .warnings());
        assertEquals(
                List.of(FILE + ":3:1: podsPerCore: has no effect yet in Jubelet"),
                parse("podsPerCore: 3\n").warnings());
    }

    @Test
    void aFlagWithoutEffectIsOneWarning() {
        List<String> warnings = ofFlags(
                        "--pod-infra-container-image=registry.k8s.io/pause:3.10",
                        "--runtime-cgroups=/system.slice",
                        "--pod-infra-container-image=registry.k8s.io/pause:3.11")
                .warnings();
        assertEquals(2, warnings.size(), warnings::toString);
        assertTrue(warnings.getFirst().startsWith("--pod-infra-container-image has no effect: "), warnings::toString);
        assertTrue(warnings.getFirst().contains("sandbox_image"), warnings::toString);
    }
}
