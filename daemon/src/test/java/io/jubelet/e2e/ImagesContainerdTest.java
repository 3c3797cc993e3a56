package io.jubelet.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.cri.Container;
import io.jubelet.cri.Image;
import io.jubelet.cri.ImageSpec;
import io.jubelet.cri.grpc.CriConnection;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Images from a real registry, on real containerd. */
class ImagesContainerdTest {

    private static final Duration LONG = Duration.ofSeconds(180);

    @TempDir
    Path directory;

    private final List<String> pulled = new ArrayList<>();
    private DaemonProcess daemon;
    private RegistryUnderTest registry;

    @BeforeEach
    void prepare() throws IOException {
        daemon = new DaemonProcess("-v=5");
        registry = new RegistryUnderTest(false);
    }

    @AfterEach
    void removeEverything() throws IOException {
        if (daemon != null) {
            try (var images = CriConnection.open(RuntimeUnderTest.containerd().toString())) {
                daemon.close();
                for (String image : pulled) {
                    Image there = images.imageService().imageStatus(ImageSpec.of(image));
                    if (there != null) {
                        images.imageService().removeImage(ImageSpec.of(there.id()));
                    }
                }
            }
        }
        if (registry != null) {
            registry.close();
        }
    }

    private void closed() throws IOException {
        registry.close();
        registry = new RegistryUnderTest(true);
    }

    private String image(String reference) {
        pulled.add(reference);
        return reference;
    }

    private static String pod(String name, String image, String policy, String moreSpec) {
        return """
                apiVersion: v1
                kind: Pod
                metadata:
                  name: %s
                spec:
                  terminationGracePeriodSeconds: 1
                %s
                  containers:
                  - name: app
                    image: %s
                    imagePullPolicy: %s
                    command: ["sh", "-c", "echo mark=$MARK; trap 'exit 0' TERM; while :; do sleep 1000 & wait; done"]
                """.formatted(name, moreSpec.isEmpty() ? "  # nothing else" : moreSpec, image, policy);
    }

    private void awaitOutput(Container container, String text) {
        daemon.await("\"" + text + "\"", () -> daemon.output(container).contains(text));
    }

    private String events(String pod) {
        return daemon.cliQuietly("get", "events", "--for", "pod/" + pod, "--no-headers");
    }

    private String status(String pod) {
        return daemon.get("/api/v1/namespaces/default/pods/" + pod + "-" + daemon.node);
    }

    /** Whatever anybody can read of the daemon. */
    private String everything() {
        return daemon.log()
                + daemon.get("/api/v1/pods")
                + daemon.get("/jubelet/v1/pods")
                + daemon.get("/api/v1/events")
                + daemon.cliQuietly("get", "pods", "-o", "yaml")
                + daemon.cliQuietly("get", "events")
                + daemon.cliQuietly("get", "manifests");
    }

    private void assertNoSecretIn(String text) {
        assertFalse(text.contains(RegistryUnderTest.PASSWORD), text);
        String auth = RegistryUnderTest.USER + ":" + RegistryUnderTest.PASSWORD;
        String encoded = Base64.getEncoder().encodeToString(auth.getBytes(StandardCharsets.UTF_8));
        assertFalse(text.contains(encoded), text);
        assertFalse(text.contains(encoded.substring(2, encoded.length() - 4)), text);
    }

    // --- credentials

    @Test
    void credentialsOfAFileAreTakenWithoutARestartAndNeverShown() throws Exception {
        closed();
        registry.push("team/app", "1", "one", 0);
        daemon.start();
        daemon.write("a.yaml", pod("a", image(registry.host() + "/team/app:1"), "IfNotPresent", ""));
        daemon.await("the refusal", () -> status("a").contains("\"ErrImagePull\""));
        String refused = status("a");
        assertTrue(
                refused.contains("(there is no credential for " + registry.host() + "/team/app on this node)"),
                refused);
        // wrong ones
        Path config = daemon.rootDir.resolve("config.json");
        Files.writeString(config, registry.dockerConfig(RegistryUnderTest.USER, "guessed-password"));
        daemon.await("the second refusal", () -> status("a").contains("ImagePullBackOff"));
        String wrong = status("a");
        assertTrue(wrong.contains("(tried with credential from " + config + ", and without)"), wrong);
        assertFalse(wrong.contains("guessed-password"), wrong);
        // and the right ones
        Files.writeString(config, registry.dockerConfig(RegistryUnderTest.USER, RegistryUnderTest.PASSWORD));
        Container running = daemon.awaitRunning("a");
        awaitOutput(running, "mark=one");
        String all = everything() + daemon.cli("describe", "pod", "a");
        assertNoSecretIn(all);
        assertFalse(all.contains("guessed-password"));
        String told = events("a");
        for (String event : List.of(
                "Pulling image \"" + registry.host() + "/team/app:1\"",
                "Failed to pull image \"" + registry.host() + "/team/app:1\": ",
                "Error: ErrImagePull",
                "Back-off pulling image \"" + registry.host() + "/team/app:1\"",
                "Error: ImagePullBackOff",
                "Successfully pulled image \"" + registry.host() + "/team/app:1\" in ",
                " including waiting). Image size: ")) {
            assertTrue(told.contains(event), event + " is not in " + told);
        }
    }

    private void writeSecret(String file, String content) throws IOException {
        Path temporary = Files.createFile(
                daemon.home.resolve(file + ".new"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(temporary, content);
        Files.move(temporary, daemon.manifests.resolve(file));
    }

    @Test
    void aPodPullsWithTheSecretThatItNamesAsSoonAsThatIsThere() throws Exception {
        closed();
        registry.push("team/app", "1", "secret", 0);
        daemon.start();
        String image = image(registry.host() + "/team/app:1");
        daemon.write("a.yaml", pod("a", image, "Always", "  imagePullSecrets: [{name: registry}]"));
        daemon.await(
                "the refusal",
                () -> status("a").contains("\"ErrImagePull\"") || status("a").contains("ImagePullBackOff"));
        daemon.await(
                "the warning",
                () -> events("a")
                        .contains("Unable to retrieve some image pull secrets (registry); attempting to pull the"
                                + " image may not succeed."));
        String encoded = Base64.getEncoder()
                .encodeToString(registry.dockerConfig(RegistryUnderTest.USER, RegistryUnderTest.PASSWORD)
                        .getBytes(StandardCharsets.UTF_8));
        writeSecret("registry.yaml", """
                apiVersion: v1
                kind: Secret
                metadata: {name: registry}
                type: kubernetes.io/dockerconfigjson
                data: {.dockerconfigjson: %s}
                """.formatted(encoded));
        awaitOutput(daemon.awaitRunning("a"), "mark=secret");
        // Another pod that names no Secret has no part in it.
        daemon.write("b.yaml", pod("b", image, "Always", ""));
        daemon.await("the refusal of the other", () -> status("b").contains("\"ErrImagePull\""));
        String all = everything() + daemon.cli("describe", "pod", "a");
        assertNoSecretIn(all);
        assertFalse(all.contains(encoded.substring(10, 60)), all);
        assertTrue(daemon.log().contains("pulled with credential from Secret default/registry"), daemon.log());
    }

    private String dockerSecret(String name) {
        String encoded = Base64.getEncoder()
                .encodeToString(registry.dockerConfig(RegistryUnderTest.USER, RegistryUnderTest.PASSWORD)
                        .getBytes(StandardCharsets.UTF_8));
        return """
                apiVersion: v1
                kind: Secret
                metadata: {name: %s}
                type: kubernetes.io/dockerconfigjson
                data: {.dockerconfigjson: %s}
                """.formatted(name, encoded);
    }

    @Test
    void anImageThatASecretWasShownForIsNotThereForOthers() throws Exception {
        closed();
        registry.push("team/app", "1", "mine", 0);
        daemon.start();
        String image = image(registry.host() + "/team/app:1");
        writeSecret("one.yaml", dockerSecret("one"));
        writeSecret("two.yaml", dockerSecret("two"));
        daemon.write("a.yaml", pod("a", image, "IfNotPresent", "  imagePullSecrets: [{name: one}]"));
        Container running = daemon.awaitRunning("a");
        awaitOutput(running, "mark=mine");
        daemon.write("b.yaml", pod("b", image, "IfNotPresent", ""));
        daemon.write("c.yaml", pod("c", image, "Never", ""));
        daemon.await("the refusal", () -> status("b").contains("\"ErrImagePull\""));
        daemon.await("the other", () -> status("c").contains("is not present with pull policy of Never"));
        assertTrue(daemon.containers("b").isEmpty() && daemon.containers("c").isEmpty());

        // Who knows the same may have it, whatever became of registry and daemon; and so may the first again.
        registry.stop();
        daemon.stop();
        daemon.start();
        daemon.write("d.yaml", pod("d", image, "IfNotPresent", "  imagePullSecrets: [{name: two}]"));
        daemon.awaitRunning("d");
        daemon.crash(running);
        daemon.awaitReplaced("a", running);
        daemon.await("the refusal again", () -> status("c").contains("is not present with pull policy of Never"));

        Path records = daemon.rootDir.resolve("image_manager");
        try (var files = Files.walk(records)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                assertNoSecretIn(Files.readString(file));
                assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
                assertTrue(file.startsWith(records.resolve("pulled")), "a pull is not over: " + file);
            }
        }
        // A node that does not want to know lets everybody have it.
        daemon.stop();
        Path config = Files.writeString(directory.resolve("config.yaml"), """
                apiVersion: kubelet.config.k8s.io/v1beta1
                kind: KubeletConfiguration
                imagePullCredentialsVerificationPolicy: NeverVerify
                """);
        daemon.start("--config=" + config);
        daemon.awaitRunning("b");
        daemon.awaitRunning("c");
    }

    @Test
    void aPluginKnowsCredentials() throws Exception {
        closed();
        registry.push("team/app", "1", "plugin", 0);
        Path program = directory.resolve("helper");
        Files.writeString(
                program, """
                #!/bin/sh
                cat >>%s/questions
                echo '{"kind":"CredentialProviderResponse","apiVersion":"credentialprovider.kubelet.k8s.io/v1",\
                "cacheKeyType":"Registry","cacheDuration":"1h",\
                "auth":{"127.0.0.1:%s":{"username":"%s","password":"%s"}}}'
                """.formatted(directory, registry.port(), RegistryUnderTest.USER, RegistryUnderTest.PASSWORD));
        Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwx------"));
        Path config = Files.writeString(directory.resolve("providers.yaml"), """
                apiVersion: kubelet.config.k8s.io/v1
                kind: CredentialProviderConfig
                providers:
                - name: helper
                  apiVersion: credentialprovider.kubelet.k8s.io/v1
                  matchImages: ["127.0.0.1:%s/team"]
                  defaultCacheDuration: 10m
                """.formatted(registry.port()));
        daemon = new DaemonProcess(
                "-v=5",
                "--image-credential-provider-config=" + config,
                "--image-credential-provider-bin-dir=" + directory);
        daemon.start();
        String image = image(registry.host() + "/team/app:1");
        daemon.write("a.yaml", pod("a", image, "Always", ""));
        awaitOutput(daemon.awaitRunning("a"), "mark=plugin");
        daemon.write("b.yaml", pod("b", image, "Always", ""));
        daemon.awaitRunning("b");
        assertEquals(
                "{\"kind\":\"CredentialProviderRequest\",\"apiVersion\":\"credentialprovider.kubelet.k8s.io/v1\","
                        + "\"image\":\"" + registry.host() + "/team/app\"}",
                Files.readString(directory.resolve("questions")).strip());
        assertNoSecretIn(everything());
    }

    // --- troubles

    @Test
    void aTagThatIsNotThereIsToldAndFoundWhenItIs() throws Exception {
        registry.push("app", "1", "one", 0);
        daemon.start();
        daemon.write("a.yaml", pod("a", image(registry.host() + "/app:2"), "IfNotPresent", ""));
        daemon.await("the trouble", () -> status("a").contains("\"ErrImagePull\""));
        assertTrue(status("a").contains(registry.host() + "/app:2: not found"), status("a"));
        registry.push("app", "2", "two", 0);
        awaitOutput(daemon.awaitRunning("a"), "mark=two");
    }

    @Test
    void aRegistryThatIsDownIsNamedSoAndTriedAgain() throws Exception {
        registry.push("app", "1", "back", 0);
        registry.stop();
        daemon.start();
        daemon.write("a.yaml", pod("a", image(registry.host() + "/app:1"), "IfNotPresent", ""));
        daemon.await("the trouble", () -> status("a").contains("\"RegistryUnavailable\""));
        assertTrue(status("a").contains("because the registry is unavailable"), status("a"));
        registry.start();
        awaitOutput(daemon.awaitRunning("a"), "mark=back");
        assertTrue(events("a").contains("Error: RegistryUnavailable"), events("a"));
    }

    @Test
    void aDownloadThatBreaksOffIsFinishedLater() throws Exception {
        try (RegistryProxy proxy = new RegistryProxy(registry.port())) {
            registry.push("app", "1", "resumed", 20 << 20);
            daemon.start();
            proxy.allow(8 << 20);
            daemon.write("a.yaml", pod("a", image(proxy.host() + "/app:1"), "IfNotPresent", ""));
            daemon.await("a part of the download", () -> proxy.passed() > 3 << 20);
            proxy.cut();
            proxy.allow(1 << 30);
            awaitOutput(daemon.awaitRunning("a"), "mark=resumed");
        }
    }

    // --- what is pulled, and how often

    @Test
    void aPolicyOfNeverHoldsUpNobodyElse() throws Exception {
        registry.push("app", "1", "one", 0);
        daemon.start();
        String image = image(registry.host() + "/app:1");
        daemon.write("never.yaml", pod("never", image, "Never", ""));
        daemon.await("the refusal", () -> status("never").contains("\"ErrImageNeverPull\""));
        daemon.write("may.yaml", pod("may", image, "IfNotPresent", ""));
        Container may = daemon.awaitRunning("may");
        awaitOutput(may, "mark=one");
        // What the other has pulled is there for this one, too.
        daemon.awaitRunning("never");
        assertTrue(
                events("never").contains("Container image \"" + image + "\" is not present with pull policy of Never"),
                events("never"));
    }

    @Test
    void aDigestIsWhatRuns() throws Exception {
        String digest = registry.push("app", "1", "first", 0);
        registry.push("app", "1", "second", 0);
        daemon.start();
        String image = image(registry.host() + "/app@" + digest);
        daemon.write("a.yaml", pod("a", image, "IfNotPresent", ""));
        awaitOutput(daemon.awaitRunning("a"), "mark=first");
        daemon.await("the digest in the status", () -> status("a").contains("\"imageID\":\"" + image + "\""));
    }

    @Test
    void anImageThatManyWaitForIsPulledOnce() throws Exception {
        try (RegistryProxy proxy = new RegistryProxy(registry.port())) {
            registry.push("app", "1", "shared", 1 << 20);
            daemon.start();
            String image = image(proxy.host() + "/app:1");
            for (int i = 0; i < 10; i++) {
                daemon.write("p" + i + ".yaml", pod("p" + i, image, i % 2 == 0 ? "IfNotPresent" : "Always", ""));
            }
            daemon.await("all to wait for the pull", () -> {
                for (int i = 0; i < 10; i++) {
                    if (!status("p" + i).contains("pulling image " + image)) {
                        return false;
                    }
                }
                return true;
            });
            proxy.allow(1 << 30);
            for (int i = 0; i < 10; i++) {
                daemon.awaitRunning("p" + i);
            }
            // The layer of zeros and the configuration; that of busybox may be there already.
            List<String> blobs = registry.log()
                    .lines()
                    .filter(line -> line.contains("GET /v2/app/blobs/"))
                    .map(line -> line.substring(line.indexOf("sha256:"), line.indexOf(" HTTP/")))
                    .toList();
            assertTrue(blobs.size() >= 2, registry.log());
            assertEquals(blobs.stream().distinct().toList(), blobs);
            assertEquals(1, registry.requests("HEAD /v2/app/manifests/1", 200), registry.log());
        }
    }

    // --- progress

    @Test
    void theProgressOfALargeLayerIsShown() throws Exception {
        try (RegistryProxy proxy = new RegistryProxy(registry.port())) {
            registry.push("big", "1", "big", 1L << 30);
            daemon.start();
            String image = image(proxy.host() + "/big:1");
            proxy.allow(200L << 20);
            daemon.write("a.yaml", pod("a", image, "IfNotPresent", ""));
            Pattern progress =
                    Pattern.compile(Pattern.quote("pulling image " + image) + " for \\d+s: ([0-9.]+) of ([0-9.]+) MiB");
            daemon.await(
                    "progress",
                    LONG,
                    () -> progress.matcher(daemon.cliQuietly("describe", "pod", "a"))
                            .find());
            Matcher seen = progress.matcher(daemon.cli("describe", "pod", "a"));
            assertTrue(seen.find());
            double total = Double.parseDouble(seen.group(2));
            assertTrue(total > 1024 && total < 1030, seen.group());
            double before = Double.parseDouble(seen.group(1));
            assertTrue(before < 210, seen.group());
            proxy.allow(300L << 20);
            daemon.await("more progress", LONG, () -> {
                Matcher now = progress.matcher(daemon.cliQuietly("get", "pods"));
                return now.find() && Double.parseDouble(now.group(1)) > before + 100;
            });
            proxy.allow(2L << 30);
            daemon.await("the pod to run", LONG, () -> daemon.running("a").size() == 1);
            assertFalse(daemon.cli("describe", "pod", "a").contains("Pulling:"));
            assertTrue(
                    Pattern.compile("Successfully pulled image .* Image size: 10[0-9]{8} bytes")
                            .matcher(events("a"))
                            .find(),
                    events("a"));
        }
    }

    @Test
    void aPullWhosePodIsGoneIsGivenUp() throws Exception {
        try (RegistryProxy proxy = new RegistryProxy(registry.port())) {
            registry.push("app", "1", "never", 1 << 20);
            daemon.start();
            daemon.write("a.yaml", pod("a", image(proxy.host() + "/app:1"), "Always", ""));
            daemon.await("the pull", () -> status("a").contains("pulling image"));
            daemon.remove("a.yaml");
            daemon.awaitGone("a");
            daemon.await("the end of the pull", () -> daemon.log().contains("is not pulled any more"));
        }
    }
}
