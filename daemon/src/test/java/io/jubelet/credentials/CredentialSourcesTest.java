/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.credentials;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.jubelet.pod.Bytes;
import io.jubelet.pod.ContainerSpec;
import io.jubelet.pod.LocalConfig;
import io.jubelet.pod.Pod;
import io.jubelet.pod.PodName;
import io.jubelet.pod.PodSpec;
import io.jubelet.pod.Secret;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CredentialSourcesTest {

    @TempDir
    Path directory;

    private Path root;
    private Path working;
    private Path home;
    private DockerConfigFiles files;

    @BeforeEach
    void makeDirectories() throws IOException {
        root = Files.createDirectory(directory.resolve("root"));
        working = Files.createDirectory(directory.resolve("working"));
        home = Files.createDirectories(directory.resolve("home/.docker")).getParent();
        files = DockerConfigFiles.in(List.of(root), working, home);
    }

    private static String config(String user) {
        return "{\"auths\": {\"example.org\": {\"username\": \"" + user + "\", \"password\": \"p\"}}}";
    }

    private static String older(String user) {
        return "{\"example.org\": {\"username\": \"" + user + "\", \"password\": \"p\"}}";
    }

    private String user() {
        List<Credential> found = files.read().lookup("example.org/app");
        return found.isEmpty() ? "" : found.getFirst().username();
    }

    @Test
    void theFirstFileThatIsValidCounts() throws IOException {
        assertEquals("", user());
        Files.writeString(home.resolve(".dockercfg"), older("7"));
        assertEquals("7", user());
        Files.writeString(working.resolve(".dockercfg"), older("6"));
        assertEquals("6", user());
        Files.writeString(root.resolve(".dockercfg"), older("5"));
        assertEquals("5", user());
        Files.writeString(home.resolve(".docker/config.json"), config("4"));
        assertEquals("4", user());
        Files.writeString(working.resolve("config.json"), config("3"));
        assertEquals("3", user());
        Files.writeString(root.resolve("config.json"), config("2"));
        assertEquals("2", user());
        Files.writeString(root.resolve("config.json"), "{");
        assertEquals("3", user());
    }

    @Test
    void aChangedFileCountsAtOnce() throws IOException {
        Files.writeString(root.resolve("config.json"), config("one"));
        assertEquals("one", user());
        Files.writeString(root.resolve("config.json"), config("two"));
        assertEquals("two", user());
    }

    private static Pod pod(String... secrets) {
        return new Pod(
                new PodName("default", "web"),
                "node1",
                "uid",
                "v1:hash",
                Map.of(),
                Map.of(),
                PodSpec.builder(List.of(
                                ContainerSpec.builder("app", "example.org/app").build()))
                        .imagePullSecrets(List.of(secrets))
                        .build(),
                new Pod.Manifest("{}", "/manifests/web.yaml"));
    }

    private static LocalConfig holding(Secret... secrets) {
        Map<LocalConfig.Key, Secret> all = new HashMap<>();
        for (Secret secret : secrets) {
            all.put(new LocalConfig.Key(secret.namespace(), secret.name()), secret);
        }
        return new LocalConfig(Map.of(), all);
    }

    private static Secret secret(String name, String type, String key, String content) {
        return new Secret("default", name, type, false, Map.of(key, Bytes.of(content)));
    }

    @Test
    void secretsOfThePodComeBeforeFiles() throws Exception {
        Files.writeString(root.resolve("config.json"), config("file"));
        LocalConfig config = holding(
                secret("a", "kubernetes.io/dockercfg", ".dockercfg", older("a")),
                secret("b", "kubernetes.io/dockerconfigjson", ".dockerconfigjson", config("b")));
        ImagePullSecrets secrets = ImagePullSecrets.of(pod("b", "a"), config);
        assertEquals(List.of(), secrets.missing());
        List<Credential> found = new CredentialSources(files, List.of()).lookup(secrets, "example.org/app");
        assertEquals(
                List.of("b", "a", "file"),
                found.stream().map(Credential::username).toList());
        assertEquals("Secret default/b", found.getFirst().source());
    }

    @Test
    void tellsWhichSecretsAreOfNoUse() {
        LocalConfig config = holding(
                secret("opaque", "Opaque", ".dockerconfigjson", "hunter2"),
                secret("broken", "kubernetes.io/dockerconfigjson", ".dockerconfigjson", "hunter2"),
                secret("empty", "kubernetes.io/dockerconfigjson", "other", "hunter2"));
        ImagePullSecrets secrets = ImagePullSecrets.of(pod("none", "opaque", "broken", "empty"), config);
        assertEquals(
                List.of(
                        "none",
                        "opaque, which is of type Opaque and not kubernetes.io/dockerconfigjson",
                        "broken, which is not a JSON object",
                        "empty, which has no key .dockerconfigjson"),
                secrets.missing());
        assertFalse(secrets.toString().contains("hunter2"));
    }

    @Test
    void theSecretOfAnotherNamespaceDoesNotCount() {
        Secret other = new Secret("kube-system", "a", "kubernetes.io/dockercfg", false, Map.of());
        assertEquals(List.of("a"), ImagePullSecrets.of(pod("a"), holding(other)).missing());
    }
}
