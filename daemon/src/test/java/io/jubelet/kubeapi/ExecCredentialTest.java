/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.kubeapi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.certificate.Certificates;
import io.jubelet.certificate.KeyAndCertificates;
import io.jubelet.certificate.PrivateKeys;
import io.jubelet.concurrent.NodeClock;
import io.jubelet.testing.Eventually;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Plugins that a kubeconfig names. */
class ExecCredentialTest extends KubeconfigFixture {

    private Path plugin(String script) throws IOException {
        Path plugin = directory.resolve("plugin");
        Files.writeString(plugin, "#!/bin/sh\necho run >>" + directory + "/runs\n" + script);
        return Files.setPosixFilePermissions(plugin, PosixFilePermissions.fromString("rwx------"));
    }

    private void plugin(String version, String script) throws IOException {
        plugin(script);
        config("""
                exec:
                  apiVersion: client.authentication.k8s.io/%s
                  command: ./plugin
                  args: [get, node]
                  env: [{name: REGION, value: north}]
                  interactiveMode: Never
                  provideClusterInfo: true
                """.formatted(version));
    }

    private long runs() throws IOException {
        return Files.readAllLines(directory.resolve("runs")).size();
    }

    private static String answer(String version, String status) {
        return "cat <<EOF\n{\"kind\": \"ExecCredential\", \"apiVersion\": \"client.authentication.k8s.io/" + version
                + "\", \"status\": {" + status + "}}\nEOF\n";
    }

    @Test
    void asksAPluginAndTellsItTheCluster() throws Exception {
        plugin(
                "v1",
                "echo \"$KUBERNETES_EXEC_INFO\" >" + directory + "/info\n"
                        + answer("v1", "\"token\": \"from-$1-$2-$REGION\""));
        assertEquals(Optional.of("from-get-node-north"), identity.current().token());
        later();
        identity.current();
        assertEquals(1, runs(), "what it gave counts for good");
        String info = Files.readString(directory.resolve("info"));
        assertTrue(info.contains("\"apiVersion\":\"client.authentication.k8s.io/v1\""), info);
        assertTrue(info.contains("\"interactive\":false"), info);
        assertTrue(info.contains("\"server\":\"https://192.0.2.1:6443\""), info);
        assertTrue(info.contains("\"config\":{\"audience\":\"nodes\"}"), info);
        assertTrue(info.contains("\"certificate-authority-data\":\"LS0t"), info);
    }

    @Test
    void asksAPluginAgainWhenItsAnswerExpiresAndAfterARefusal() throws Exception {
        plugin(
                "v1beta1",
                answer("v1beta1", "\"token\": \"$$\", \"expirationTimestamp\": \"" + now.plusSeconds(60) + "\""));
        ClientConfig first = identity.current();
        now = now.plusSeconds(59);
        assertEquals(first, identity.current());
        now = now.plusSeconds(1);
        ClientConfig second = identity.current();
        assertNotSame(first.token().orElseThrow(), second.token().orElseThrow());
        assertEquals(2, runs());
        now = now.minusSeconds(30);
        identity.unauthorized(second);
        identity.current();
        assertEquals(2, runs(), "asked a moment ago");
        now = now.plusSeconds(50);
        identity.unauthorized(second);
        identity.current();
        assertEquals(3, runs());
    }

    @Test
    void takesACertificateFromAPlugin() throws Exception {
        KeyAndCertificates given = issue("n1", Duration.ofHours(1));
        plugin(
                "v1",
                answer(
                        "v1",
                        "\"clientCertificateData\": \"" + json(Certificates.pem(given.chain()))
                                + "\", \"clientKeyData\": \"" + json(PrivateKeys.pem(given.key())) + "\""));
        assertEquals(Optional.of(given), identity.certificate());
        assertEquals(Optional.empty(), identity.current().token());
    }

    /** Twice, for the shell takes one of them. */
    private static String json(String text) {
        return text.replace("\n", "\\\\n");
    }

    @Test
    void theOutputOfAPluginHasLimits() throws Exception {
        String longest = "printf '{\"kind\": \"ExecCredential\", \"apiVersion\": \"client.authentication.k8s.io/v1\","
                + " \"status\": {\"token\": \"'; head -c %s /dev/zero | tr '\\0' t; printf '\"}}'\n";
        plugin("v1", longest.formatted(BearerToken.MAX_CHARS + 1));
        assertTrue(problem().contains("is longer than 65536 characters"), this::problem);
        now = now.plusSeconds(60);
        plugin("v1", longest.formatted(ExecCredentialPlugin.LIMITS.keptChars()));
        assertTrue(problem().contains("returned more than 262144 characters of credentials"), this::problem);
        now = now.plusSeconds(60);
        plugin("v1", "exec yes\n");
        assertTrue(problem().contains("wrote more than"), this::problem);
        now = now.plusSeconds(60);
        plugin("v1", longest.formatted(BearerToken.MAX_CHARS));
        assertEquals(
                BearerToken.MAX_CHARS, identity.current().token().orElseThrow().length());
    }

    @Test
    void aTokenThatIsNoHeaderIsNotShown() throws Exception {
        plugin("v1", answer("v1", "\"token\": \"secret\\\\nX: y\""));
        assertTrue(problem().endsWith("contains more than one word; expected one token"), this::problem);
        assertTrue(!problem().contains("secret"), this::problem);
    }

    @Test
    void tellsWhyAPluginFailed() throws Exception {
        String name = "the credential plugin " + directory + "/./plugin ";
        plugin("v1", "echo no such account >&2; echo secret; exit 3\n");
        assertEquals(name + "ended with exit code 3: no such account", problem());
        problem();
        assertEquals(1, runs(), "not asked again at once");
        now = now.plusSeconds(2);
        plugin("v1", answer("v1beta1", "\"token\": \"t\""));
        assertTrue(problem().startsWith(name + "returned a ExecCredential of"), this::problem);
        assertEquals(2, runs());
        for (String status :
                List.of("", "\"clientKeyData\": \"k\"", "\"token\": \"t\", \"expirationTimestamp\": \"x\"")) {
            now = now.plusSeconds(60);
            plugin("v1", answer("v1", status));
            assertTrue(problem().startsWith(name + "returned "), this::problem);
        }
        now = now.plusSeconds(60);
        plugin("v1", "echo secret\n");
        assertEquals(name + "returned something that is not a JSON object", problem());
        now = now.plusSeconds(60);
        Files.delete(directory.resolve("plugin"));
        assertTrue(problem().startsWith(name + "cannot be run: "), this::problem);
    }

    @Test
    void endsAPluginThatHangs() throws Exception {
        plugin("v1", "sleep 1000\n");
        Kubeconfig config = KubeconfigParser.parse(file, Files.readAllBytes(file));
        ExecCredentialPlugin plugin = new ExecCredentialPlugin(
                config, config.user().exec().orElseThrow(), Optional.empty(), Duration.ofMillis(200));
        assertTrue(assertThrows(KubeApiException.NoCredentials.class, plugin::run)
                .getMessage()
                .contains("did not end within"));
        for (ProcessHandle child : ProcessHandle.current().descendants().toList()) {
            if (child.info().commandLine().orElse("").contains("sleep 1000")) {
                child.onExit().get(60, TimeUnit.SECONDS);
            }
        }
    }

    @Test
    void goesOnAfterAPluginThatHung() throws Exception {
        identity = new ReloadingKubeconfig(
                file,
                Optional.empty(),
                NodeClock.neverSet(() -> now),
                Duration.ofSeconds(3)); // the next one is to end before
        plugin("v1", "exec sleep 1000\n");
        assertTrue(problem().endsWith("/plugin did not end within 3 s"), this::problem);
        now = now.plusSeconds(2);
        plugin(answer("v1", "\"token\": \"t\""));
        assertEquals(Optional.of("t"), identity.current().token());
    }

    @Test
    void doesNotWaitForAPluginThatTheKubeconfigNoLongerNames() throws Exception {
        plugin("v1", "echo $$ >" + directory + "/pid\nexec sleep 1000\n");
        CompletableFuture<ClientConfig> asked = new CompletableFuture<>();
        Thread.ofVirtual().start(() -> {
            try {
                asked.complete(identity.current());
            } catch (InterruptedException | RuntimeException e) {
                asked.completeExceptionally(e);
            }
        });
        Path pid = directory.resolve("pid");
        Eventually.await("the plugin to start", () -> Files.exists(pid) && Files.size(pid) > 0);
        config("token: other");
        later();
        assertEquals(Optional.of("other"), asked.get(60, TimeUnit.SECONDS).token());
        Optional<ProcessHandle> hung =
                ProcessHandle.of(Long.parseLong(Files.readString(pid).strip()));
        if (hung.isPresent()) {
            hung.get().onExit().get(60, TimeUnit.SECONDS);
        }
    }

    @Test
    void aPluginRunsOnceHoweverManyAsk() throws Exception {
        plugin("v1", "sleep 0.3\n" + answer("v1", "\"token\": \"t\""));
        Thread[] askers = new Thread[5];
        for (int i = 0; i < askers.length; i++) {
            askers[i] = Thread.ofVirtual().start(() -> {
                try {
                    identity.current();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            });
        }
        for (Thread asker : askers) {
            asker.join();
        }
        assertEquals(1, runs());
    }
}
