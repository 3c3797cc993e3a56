/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.credentials;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CredentialProviderTest {

    private static final String HEAD = """
        apiVersion: kubelet.config.k8s.io/v1
        kind: CredentialProviderConfig
        providers:
        """;

    @TempDir
    Path directory;

    private Instant now = Instant.parse("2026-01-01T12:00:00Z");

    /** A program that counts its runs, keeps its question, and answers so. */
    private void program(String name, String script) throws IOException {
        Path file = directory.resolve(name);
        Files.writeString(file, "#!/bin/sh\ncd " + directory + "\necho x >>runs\ncat >question\n" + script + "\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwx------"));
    }

    private static String answer(String scope, String duration) {
        return "echo '{\"kind\":\"CredentialProviderResponse\",\"apiVersion\":\"credentialprovider.kubelet.k8s.io/v1\","
                + "\"cacheKeyType\":\"" + scope + "\"," + duration
                + "\"auth\":{\"*.example.org\":{\"username\":\"'$TOKEN_USER'\",\"password\":\"hunter2\"}}}'";
    }

    private CredentialProvider plugin(Duration timeout, String more) {
        String yaml = HEAD + """
            - name: helper
              apiVersion: credentialprovider.kubelet.k8s.io/v1
              matchImages: ["*.example.org"]
              defaultCacheDuration: 10m
              env: [{name: TOKEN_USER, value: me}]
            """ + more;
        CredentialProvider.Config config = CredentialProviderConfigFile.parse(
                        yaml.getBytes(StandardCharsets.UTF_8), Path.of("p.yaml"), directory)
                .getFirst();
        return new CredentialProvider(config, new CredentialProviderProcess(timeout), () -> now);
    }

    private CredentialProvider plugin() {
        return plugin(Duration.ofSeconds(30), "");
    }

    private long runs() throws IOException {
        Path runs = directory.resolve("runs");
        return Files.exists(runs) ? Files.readAllLines(runs).size() : 0;
    }

    @Test
    void asksAProgramAsTheKubeletDoes() throws Exception {
        program("helper", answer("Registry", ""));
        List<Credential> found = plugin().lookup("a.example.org/team/app");
        assertEquals("me", found.getFirst().username());
        assertEquals("hunter2", found.getFirst().password());
        assertEquals("credential provider helper", found.getFirst().source());
        assertEquals(
                "{\"kind\":\"CredentialProviderRequest\",\"apiVersion\":\"credentialprovider.kubelet.k8s.io/v1\","
                        + "\"image\":\"a.example.org/team/app\"}",
                Files.readString(directory.resolve("question")).strip());
    }

    @Test
    void doesNotAskForOtherImages() throws Exception {
        program("helper", answer("Registry", ""));
        assertEquals(List.of(), plugin().lookup("example.com/app"));
        assertEquals(0, runs());
    }

    @Test
    void anAnswerCountsForWhatItSaysAndAsLong() throws Exception {
        program("helper", answer("Image", "\"cacheDuration\":\"1m\","));
        CredentialProvider image = plugin();
        image.lookup("a.example.org/app");
        image.lookup("a.example.org/app");
        assertEquals(1, runs());
        image.lookup("a.example.org/other");
        assertEquals(2, runs());
        now = now.plusSeconds(60);
        image.lookup("a.example.org/app");
        assertEquals(3, runs());

        program("helper", answer("Registry", ""));
        CredentialProvider registry = plugin();
        registry.lookup("a.example.org/app");
        now = now.plusSeconds(599);
        registry.lookup("a.example.org/other");
        assertEquals(4, runs());
        registry.lookup("b.example.org/app");
        assertEquals(5, runs());

        program("helper", answer("Global", ""));
        CredentialProvider global = plugin();
        global.lookup("a.example.org/app");
        assertEquals(1, global.lookup("b.example.org/app").size());
        assertEquals(6, runs());

        program("helper", answer("Global", "\"cacheDuration\":\"0s\","));
        CredentialProvider never = plugin();
        never.lookup("a.example.org/app");
        never.lookup("a.example.org/app");
        assertEquals(8, runs());
    }

    @Test
    void aProgramThatFailsKnowsNothing() throws Exception {
        for (String script : List.of(
                "exit 3", "echo hunter2", "echo '{\"kind\":\"CredentialProviderResponse\"}'", answer("Never", ""))) {
            program("helper", script);
            assertEquals(List.of(), plugin().lookup("a.example.org/app"), script);
        }
    }

    @Test
    void theOutputOfAProgramHasLimits() throws Exception {
        int longest = CredentialProviderResponse.LIMITS.keptChars() - 1000;
        String large = "p=$(head -c %s /dev/zero | tr '\\0' p)\n"
                + answer("Registry", "").replace("hunter2", "'$p'");
        program("helper", large.formatted(longest));
        assertEquals(
                longest,
                plugin().lookup("a.example.org/app").getFirst().password().length());
        program("helper", large.formatted(longest + 1000));
        assertEquals(List.of(), plugin().lookup("a.example.org/app"));
        program("helper", "exec yes");
        assertEquals(List.of(), plugin().lookup("a.example.org/app"));
    }

    @Test
    void aProgramThatHangsIsEnded() throws Exception {
        program("helper", "echo $$ >pid; sleep 1000");
        assertEquals(List.of(), plugin(Duration.ofSeconds(3), "").lookup("a.example.org/app"));
        long pid = Long.parseLong(Files.readString(directory.resolve("pid")).strip());
        ProcessHandle.of(pid).ifPresent(process -> process.onExit().join());
        assertTrue(ProcessHandle.of(pid).filter(ProcessHandle::isAlive).isEmpty());
    }

    @Test
    void namesWhatIsWrongWithAConfiguration() {
        String message = assertThrows(IllegalArgumentException.class, () -> plugin(Duration.ofSeconds(1), """
            - name: ../sh
              apiVersion: v1
              defaultCacheDuration: soon
              tokenAttributes: {cacheType: Token}
            """))
                .getMessage();
        for (String part : List.of(
                "p.yaml:",
                "no executable program " + directory.resolve("helper"),
                "must be credentialprovider.kubelet.k8s.io/v1, not \"v1\"",
                "must list image patterns",
                "tokenAttributes")) {
            assertTrue(message.contains(part), message);
        }
    }
}
