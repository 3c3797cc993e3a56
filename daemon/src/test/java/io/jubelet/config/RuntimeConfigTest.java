/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.config;

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

class RuntimeConfigTest {

    @Test
    void readsTheFile() {
        RuntimeConfig runtime = valid(parse("""
                containerRuntimeEndpoint: unix:///run/c.sock
                imageServiceEndpoint: unix:///run/i.sock
                podLogsDir: /logs
                containerLogMaxSize: 1Mi
                containerLogMaxFiles: 3
                containerLogMonitorInterval: 5s
                crashLoopBackOff: {maxContainerRestartPeriod: 60s}
                runtimeRequestTimeout: 30s
                serializeImagePulls: false
                maxParallelImagePulls: 4
                """)).runtime();
        assertEquals("unix:///run/c.sock", runtime.endpoint());
        assertEquals("unix:///run/i.sock", runtime.imageEndpoint());
        assertEquals(new RuntimeConfig.Logs(Path.of("/logs"), 1L << 20, 3, Duration.ofSeconds(5)), runtime.logs());
        assertEquals(Duration.ofMinutes(1), runtime.maxRestartPeriod());
        assertEquals(Duration.ofSeconds(30), runtime.requestTimeout());
        assertEquals(4, runtime.images().pulls().parallel());
    }

    @Test
    void readsTheFlags() {
        RuntimeConfig runtime = valid(ofFlags(
                        "--cluster-dns=10.0.0.10",
                        "--cluster-dns=10.0.0.11",
                        "--cluster-domain=cluster.local",
                        "--resolv-conf=",
                        "--minimum-container-ttl-duration=1m",
                        "--maximum-dead-containers-per-container=2",
                        "--maximum-dead-containers=100",
                        "--registry-qps=3",
                        "--registry-burst=6",
                        "--image-gc-high-threshold=70",
                        "--image-gc-low-threshold=60",
                        "--minimum-image-ttl-duration=0s",
                        "--image-credential-provider-config=/p.yaml",
                        "--image-credential-provider-bin-dir=/bin"))
                .runtime();
        assertEquals(
                new RuntimeConfig.Dns(
                        List.of("10.0.0.10", "10.0.0.11"), Optional.of("cluster.local"), Optional.empty()),
                runtime.dns());
        assertEquals(new RuntimeConfig.DeadContainers(Duration.ofMinutes(1), 2, 100), runtime.deadContainers());
        assertEquals(new ImageConfig.Pulls(8, 3, 6), runtime.images().pulls());
        assertEquals(
                new ImageConfig.Collection(70, 60, Duration.ZERO, Duration.ZERO),
                runtime.images().collection());
        assertEquals(
                Optional.of(new ImageConfig.CredentialProviders(Path.of("/p.yaml"), Path.of("/bin"))),
                runtime.images().credentialProviders());
    }

    @Test
    void aZeroInTheFileStandsForTheDefault() {
        RuntimeConfig runtime = valid(parse("imageMinimumGCAge: 0s\nruntimeRequestTimeout: 0s\n"))
                .runtime();
        assertEquals(Duration.ofMinutes(2), runtime.images().collection().minimumAge());
        assertEquals(Duration.ofMinutes(2), runtime.requestTimeout());
    }

    @Test
    void theSimulationKeepsItsLogsInTheRootDirectory() {
        DaemonConfig config = valid(ofFlags("--container-runtime-endpoint=simulated:", "--root-dir=/tmp/j"));
        assertTrue(config.runtime().isSimulated());
        assertEquals(Path.of("/tmp/j/logs"), config.runtime().logs().directory());
    }

    @Test
    void serialPullsAreOneAtATime() {
        assertEquals(
                1,
                valid(parse("serializeImagePulls: true\n"))
                        .runtime()
                        .images()
                        .pulls()
                        .parallel());
        assertEquals(
                1,
                parse("serializeImagePulls: true\nmaxParallelImagePulls: 2\n")
                        .errors()
                        .size());
        assertEquals(
                1,
                parse("imageMinimumGCAge: 2h\nimageMaximumGCAge: 1h\n").errors().size());
    }

    @Test
    void readsWhichPodsNeedCredentialsForAnImageThatIsPresent() {
        PullVerification listed = verification("""
                imagePullCredentialsVerificationPolicy: NeverVerifyAllowlistedImages
                preloadedImagesVerificationAllowlist: [registry.example/team/*, docker.io/library/busybox]
                """);
        assertTrue(!listed.required("registry.example/team/app", true));
        assertTrue(!listed.required("docker.io/library/busybox", true));
        assertTrue(listed.required("docker.io/library/busybox2", false));
        assertTrue(listed.required("registry.example/team", false));
        PullVerification unset = verification("");
        assertTrue(unset.required("a", true) && !unset.required("a", false));
        assertEquals(
                1,
                parse("imagePullCredentialsVerificationPolicy: Sometimes")
                        .errors()
                        .size());
        assertEquals(
                1,
                parse("preloadedImagesVerificationAllowlist: [a.b/c]").errors().size());
        String list = "imagePullCredentialsVerificationPolicy: NeverVerifyAllowlistedImages\n"
                + "preloadedImagesVerificationAllowlist: ";
        for (String wrong : List.of("a.b/c:1", "'*'", "' a.b/c'", "a*b/*", "''", "a.b/c@sha256:1")) {
            assertEquals(1, parse(list + "[" + wrong + "]").errors().size(), wrong);
        }
        assertEquals(List.of(), parse(list + "['a.b:5000/*', a.b:5000/c]").errors());
    }

    private static PullVerification verification(String text) {
        return valid(parse(text)).runtime().images().verification();
    }
}
