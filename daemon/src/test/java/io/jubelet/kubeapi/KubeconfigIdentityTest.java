package io.jubelet.kubeapi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.certificate.Certificates;
import io.jubelet.certificate.KeyAndCertificates;
import io.jubelet.certificate.PrivateKeys;
import io.jubelet.certificate.TestAuthority;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KubeconfigIdentityTest {

    private static final Instant START = Instant.now();

    private final TestAuthority authority = new TestAuthority("CN=authority");

    @TempDir
    private Path directory;

    private Instant now = START;
    private Path file;
    private KubeconfigIdentity identity;

    @BeforeEach
    void write() throws IOException {
        file = directory.resolve("kubelet.conf");
        Files.writeString(directory.resolve("ca.crt"), authority.pem());
        identity = new KubeconfigIdentity(file, () -> now);
    }

    private void config(String user) throws IOException {
        Files.writeString(file, """
                apiVersion: v1
                kind: Config
                current-context: c
                contexts: [{name: c, context: {cluster: c, user: u}}]
                clusters:
                - name: c
                  cluster:
                    server: https://192.0.2.1:6443
                    certificate-authority: ca.crt
                    extensions:
                    - name: client.authentication.k8s.io/exec
                      extension: {audience: nodes}
                users:
                - name: u
                  user:
                """ + user.indent(4));
    }

    private KeyAndCertificates issue(String name, Duration validity) {
        return authority.issue("O=system:nodes, CN=system:node:" + name, now.minusSeconds(60), now.plus(validity));
    }

    private void place(KeyAndCertificates identity) throws IOException {
        Files.writeString(directory.resolve("n.crt"), Certificates.pem(identity.chain()));
        Files.writeString(directory.resolve("n.key"), PrivateKeys.pem(identity.key()));
    }

    /** Time for the next look at files. */
    private void later() {
        now = now.plusSeconds(2);
    }

    private String problem() {
        return assertThrows(KubeApiException.NoCredentials.class, identity::access)
                .getMessage();
    }

    @Test
    void waitsForAKubeconfig() throws Exception {
        assertEquals("there are no credentials for the API server: there is no kubeconfig " + file, problem());
        config("token: t1");
        assertEquals(Optional.of("t1"), identity.access().token());
    }

    @Test
    void readsATokenFileAgainWhenItChanges() throws Exception {
        config("tokenFile: t");
        assertTrue(problem().endsWith("there is no token file " + directory.resolve("t")), this::problem);
        Files.writeString(directory.resolve("t"), "first\n");
        Access first = identity.access();
        assertEquals(Optional.of("first"), first.token());
        later();
        Files.writeString(directory.resolve("t"), "second-token\n");
        Access second = identity.access();
        assertEquals(Optional.of("second-token"), second.token());
        assertSame(first.tls(), second.tls(), "connections are kept");
    }

    @Test
    void readsEverythingAgainAfterARefusal() throws Exception {
        config("tokenFile: t");
        Files.writeString(directory.resolve("t"), "first");
        Access first = identity.access();
        identity.refused(first);
        assertEquals(first, identity.access(), "nothing has changed");
        Files.writeString(directory.resolve("t"), "other");
        assertEquals(first, identity.access(), "not looked at yet");
        identity.refused(first);
        assertEquals(Optional.of("other"), identity.access().token());
    }

    @Test
    void takesARenewedCertificateAndMakesNewConnections() throws Exception {
        config("client-certificate: n.crt\nclient-key: n.key");
        KeyAndCertificates first = issue("n1", Duration.ofHours(1));
        place(first);
        Access before = identity.access();
        assertEquals(Optional.of(first), identity.certificate());
        assertSame(before.tls(), identity.access().tls());
        later();
        KeyAndCertificates second = issue("n1", Duration.ofHours(2));
        place(second);
        assertNotSame(before.tls(), identity.access().tls());
        assertEquals(Optional.of(second), identity.certificate());
    }

    @Test
    void keepsWhatItHasWhileFilesAreBeingReplaced() throws Exception {
        config("client-certificate: n.crt\nclient-key: n.key");
        KeyAndCertificates first = issue("n1", Duration.ofHours(1));
        place(first);
        Access before = identity.access();
        KeyAndCertificates second = issue("n1", Duration.ofHours(2));
        for (String half : List.of("", Certificates.pem(second.chain()))) {
            later();
            Files.writeString(directory.resolve("n.crt"), half);
            assertEquals(before, identity.access());
        }
        later();
        Files.delete(directory.resolve("n.crt"));
        assertEquals(before, identity.access());
        later();
        place(second);
        assertNotSame(before.tls(), identity.access().tls());
    }

    @Test
    void takesAnotherAuthority() throws Exception {
        config("token: t");
        Access before = identity.access();
        later();
        Files.writeString(directory.resolve("ca.crt"), authority.pem() + new TestAuthority("CN=next").pem());
        assertNotSame(before.tls(), identity.access().tls());
    }

    @Test
    void takesTheCertificateThatWasPutThereLastAndIsValid() throws Exception {
        Path own = directory.resolve("kubelet-client-current.pem");
        identity = new KubeconfigIdentity(file, Optional.of(own), () -> now);
        config("client-certificate: n.crt\nclient-key: n.key");
        KeyAndCertificates given = issue("n1", Duration.ofHours(2));
        place(given);
        assertEquals(Optional.of(given), identity.certificate());
        later();
        KeyAndCertificates rotated = issue("n1", Duration.ofHours(1));
        Files.writeString(own, rotated.pem());
        assertEquals(Optional.of(rotated), identity.certificate());
        later();
        KeyAndCertificates renewed = issue("n1", Duration.ofHours(2));
        place(renewed);
        Files.setLastModifiedTime(
                directory.resolve("n.crt"), FileTime.from(Instant.now().plusSeconds(5)));
        assertEquals(Optional.of(renewed), identity.certificate());
        later();
        place(issue("n1", Duration.ofSeconds(-10)));
        Files.setLastModifiedTime(
                directory.resolve("n.crt"), FileTime.from(Instant.now().plusSeconds(6)));
        assertEquals(Optional.of(rotated), identity.certificate(), "the other has expired");
        later();
        Files.writeString(own, "damaged");
        place(given);
        assertEquals(Optional.of(given), identity.certificate());
    }

    @Test
    void writesTheKubeconfigOfABootstrap() throws Exception {
        config("token: abcdef.0123456789abcdef");
        identity.access();
        Path certificate = directory.resolve("pki/kubelet-client-current.pem");
        Path target = directory.resolve("written/kubelet.conf");
        identity.writeFor(certificate, target);
        assertEquals(PosixFilePermissions.fromString("rw-------"), Files.getPosixFilePermissions(target));
        Kubeconfig written = KubeconfigParser.parse(target, Files.readAllBytes(target));
        assertEquals("https://192.0.2.1:6443", written.server().toString());
        assertEquals(Optional.of(new Kubeconfig.Content.InFile(directory.resolve("ca.crt"))), written.authority());
        assertEquals(
                Optional.of(new Kubeconfig.Content.InFile(certificate)),
                written.user().certificate());
        assertEquals(written.user().certificate(), written.user().key());
        assertEquals(Optional.empty(), written.user().token());
    }

    @Test
    void tellsThatACertificateHasExpired() throws Exception {
        config("client-certificate: n.crt\nclient-key: n.key");
        KeyAndCertificates short1 = issue("n1", Duration.ofSeconds(10));
        place(short1);
        identity.access();
        assertEquals("", identity.doubt());
        now = now.plusSeconds(11);
        identity.access();
        assertEquals(
                "the client certificate CN=system:node:n1,O=system:nodes expired at " + short1.notAfter(),
                identity.doubt());
    }

    @Test
    void saysWhichFileIsWrong() throws Exception {
        config("client-certificate: n.crt\nclient-key: n.key");
        KeyAndCertificates one = issue("n1", Duration.ofHours(1));
        place(one);
        Files.writeString(
                directory.resolve("n.key"), PrivateKeys.pem(PrivateKeys.make().getPrivate()));
        assertTrue(
                problem().contains(directory.resolve("n.key") + ": the private key does not belong to the certificate"),
                this::problem);
        config("tokenFile: t");
        Files.writeString(directory.resolve("t"), "two words");
        later();
        assertTrue(problem().endsWith(directory.resolve("t") + ": more than one word, and should be one token"));
    }

    // --- plugins

    private Path program(String script) throws IOException {
        Path program = directory.resolve("plugin");
        Files.writeString(program, "#!/bin/sh\necho run >>" + directory + "/runs\n" + script);
        return Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwx------"));
    }

    private void plugin(String version, String script) throws IOException {
        program(script);
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
        assertEquals(Optional.of("from-get-node-north"), identity.access().token());
        later();
        identity.access();
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
        Access first = identity.access();
        now = now.plusSeconds(59);
        assertEquals(first, identity.access());
        now = now.plusSeconds(1);
        Access second = identity.access();
        assertNotSame(first.token().orElseThrow(), second.token().orElseThrow());
        assertEquals(2, runs());
        now = now.minusSeconds(30);
        identity.refused(second);
        identity.access();
        assertEquals(2, runs(), "asked a moment ago");
        now = now.plusSeconds(50);
        identity.refused(second);
        identity.access();
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
        assertEquals(Optional.empty(), identity.access().token());
    }

    /** Twice, for the shell takes one of them. */
    private static String json(String text) {
        return text.replace("\n", "\\\\n");
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
        assertTrue(problem().startsWith(name + "wrote a ExecCredential of"), this::problem);
        assertEquals(2, runs());
        for (String status :
                List.of("", "\"clientKeyData\": \"k\"", "\"token\": \"t\", \"expirationTimestamp\": \"x\"")) {
            now = now.plusSeconds(60);
            plugin("v1", answer("v1", status));
            assertTrue(problem().startsWith(name + "gave "), this::problem);
        }
        now = now.plusSeconds(60);
        plugin("v1", "echo secret\n");
        assertEquals(name + "wrote something that is not a JSON object", problem());
        now = now.plusSeconds(60);
        Files.delete(directory.resolve("plugin"));
        assertTrue(problem().startsWith(name + "cannot be run: "), this::problem);
    }

    @Test
    void endsAPluginThatHangs() throws Exception {
        plugin("v1", "sleep 1000\n");
        Kubeconfig config = KubeconfigParser.parse(file, Files.readAllBytes(file));
        CredentialProgram program = new CredentialProgram(
                config, config.user().exec().orElseThrow(), Optional.empty(), Duration.ofMillis(200));
        assertTrue(assertThrows(KubeApiException.NoCredentials.class, program::ask)
                .getMessage()
                .contains("did not end within"));
        for (ProcessHandle child : ProcessHandle.current().descendants().toList()) {
            if (child.info().commandLine().orElse("").contains("sleep 1000")) {
                child.onExit().get(5, TimeUnit.SECONDS);
            }
        }
    }

    @Test
    void goesOnAfterAPluginThatHung() throws Exception {
        identity = new KubeconfigIdentity(file, Optional.empty(), () -> now, Duration.ofMillis(300));
        plugin("v1", "exec sleep 1000\n");
        assertTrue(problem().endsWith("/plugin did not end within 0.3 s"), this::problem);
        now = now.plusSeconds(2);
        program(answer("v1", "\"token\": \"t\""));
        assertEquals(Optional.of("t"), identity.access().token());
    }

    @Test
    void doesNotWaitForAPluginThatTheKubeconfigNoLongerNames() throws Exception {
        plugin("v1", "echo $$ >" + directory + "/pid\nexec sleep 1000\n");
        CompletableFuture<Access> asked = new CompletableFuture<>();
        Thread.ofVirtual().start(() -> {
            try {
                asked.complete(identity.access());
            } catch (InterruptedException | RuntimeException e) {
                asked.completeExceptionally(e);
            }
        });
        Path pid = directory.resolve("pid");
        while (!Files.exists(pid) || Files.size(pid) == 0) {
            Thread.onSpinWait();
        }
        config("token: other");
        later();
        assertEquals(Optional.of("other"), asked.get(30, TimeUnit.SECONDS).token());
        Optional<ProcessHandle> hung =
                ProcessHandle.of(Long.parseLong(Files.readString(pid).strip()));
        if (hung.isPresent()) {
            hung.get().onExit().get(10, TimeUnit.SECONDS);
        }
    }

    @Test
    void aPluginRunsOnceHoweverManyAsk() throws Exception {
        plugin("v1", "sleep 0.3\n" + answer("v1", "\"token\": \"t\""));
        Thread[] askers = new Thread[5];
        for (int i = 0; i < askers.length; i++) {
            askers[i] = Thread.ofVirtual().start(() -> {
                try {
                    identity.access();
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
