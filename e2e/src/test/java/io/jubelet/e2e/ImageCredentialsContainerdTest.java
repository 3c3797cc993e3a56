/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.cri.Container;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which pods may use images of a registry that needs credentials, on real containerd. */
class ImageCredentialsContainerdTest extends PulledPods {

    @TempDir
    Path directory;

    private void closed() throws IOException {
        registry.close();
        registry = new RegistryUnderTest(true);
    }

    /** Everything that users can read of the daemon. */
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
        AtomicReference<String> seen = new AtomicReference<>();
        daemon.await("the second refusal", () -> {
            seen.set(status("a"));
            return seen.get().contains("ImagePullBackOff")
                    && seen.get().contains("(tried with credential from " + config + ", and without)");
        });
        String wrong = seen.get();
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

        // A pod with the same credentials may use the image, even when registry and daemon restarted; so may the first
        // pod.
        registry.stop();
        daemon.stop();
        daemon.start();
        daemon.write("d.yaml", pod("d", image, "IfNotPresent", "  imagePullSecrets: [{name: two}]"));
        daemon.awaitRunning("d");
        daemon.crash(running);
        daemon.awaitReplaced("a", running);
        daemon.await("the refusal again", () -> status("c").contains("is not present with pull policy of Never"));

        // A node that does not want to know lets everybody have it.
        daemon.stop(); // and no pull is under way
        Path records = daemon.rootDir.resolve("image_manager");
        try (var files = Files.walk(records)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                assertNoSecretIn(Files.readString(file));
                assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
                assertTrue(file.startsWith(records.resolve("pulled")), "a pull is not over: " + file);
            }
        }
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
}
