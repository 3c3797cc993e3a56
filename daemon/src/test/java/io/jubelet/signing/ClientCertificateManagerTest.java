/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.signing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.certificate.CertificateStore;
import io.jubelet.certificate.KeyAndCertificates;
import io.jubelet.concurrent.NodeClock;
import io.jubelet.kubeapi.ClientConfigProvider;
import io.jubelet.kubeapi.KubeApi;
import io.jubelet.kubeapi.ReloadingKubeconfig;
import io.jubelet.testing.Eventually;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The turns of the manager, one after the other and without its loop. */
class ClientCertificateManagerTest {

    private static final Instant START = Instant.now().truncatedTo(ChronoUnit.SECONDS);
    private static final String SUBJECT = "O=system:nodes, CN=system:node:edge7";
    private static final Duration CHECK_INTERVAL = Duration.ofSeconds(10);
    private static final Duration LIFETIME = Duration.ofHours(10);

    @TempDir
    private Path directory;

    private volatile Instant now = START;
    private FakeSigner signer;
    private Path kubeconfigFile;
    private CertificateStore store;
    private ReloadingKubeconfig kubeconfig;
    private KubeApi api;
    private volatile KubeApi bootstrapApi;
    private ClientCertificateManager manager;

    @BeforeEach
    void start() throws Exception {
        signer = new FakeSigner();
        kubeconfigFile = directory.resolve("kubelet.conf");
        store = new CertificateStore(directory.resolve("pki"), "kubelet-client");
        kubeconfig = new ReloadingKubeconfig(
                kubeconfigFile, Optional.of(store.currentFile()), NodeClock.neverSet(() -> now));
        api = new KubeApi(kubeconfig, "test", NodeClock.neverSet(() -> now));
    }

    @AfterEach
    void close() {
        if (manager != null) {
            manager.close();
        }
        api.close();
        signer.close();
    }

    private void manage(boolean bootstrap, boolean rotate) throws IOException {
        Path bootstrapFile = directory.resolve("bootstrap.conf");
        if (bootstrap) {
            write(bootstrapFile, "token: abcdef.0123456789abcdef");
        }
        Optional<Path> configured = bootstrap ? Optional.of(bootstrapFile) : Optional.empty();
        manager = new ClientCertificateManager(
                new ClientCertificateManager.Settings("edge7", kubeconfigFile, configured, rotate),
                store,
                kubeconfig,
                api,
                this::bootstrapClient,
                NodeClock.neverSet(() -> now));
    }

    private KubeApi bootstrapClient(ClientConfigProvider provider) {
        bootstrapApi = new KubeApi(provider, "test", NodeClock.neverSet(() -> now));
        return bootstrapApi;
    }

    private void write(Path file, String user) throws IOException {
        Files.writeString(file, """
                apiVersion: v1
                kind: Config
                current-context: c
                contexts: [{name: c, context: {cluster: c, user: u}}]
                clusters: [{name: c, cluster: {server: "%s"}}]
                users:
                - name: u
                  user: {%s}
                """.formatted(signer.uri(), user));
    }

    /** Writes a kubeconfig with a certificate that is valid from now on. */
    private KeyAndCertificates writeCertificate(String subject) throws IOException {
        KeyAndCertificates certificate =
                signer.authority().issue(subject, START.minusSeconds(60), START.plus(LIFETIME));
        Path pem = directory.resolve("client.pem");
        Files.writeString(pem, certificate.pem());
        write(kubeconfigFile, "client-certificate: client.pem, client-key: client.pem");
        return certificate;
    }

    private String onlyName() {
        assertEquals(1, signer.names().size(), signer.names()::toString);
        return signer.names().getFirst();
    }

    private void bootstrapUntilPending() throws Exception {
        assertEquals(Duration.ofMinutes(1), manager.turn(), "the bootstrap client has just been started");
        Eventually.await("the bootstrap client", bootstrapApi::reachable);
        assertEquals(Duration.ofMillis(250), manager.turn());
    }

    @Test
    void requestsTheFirstCertificateWithTheBootstrapKubeconfig() throws Exception {
        manage(true, true);
        bootstrapUntilPending();
        signer.approve(onlyName(), SUBJECT, START.minusSeconds(60), START.plus(LIFETIME));
        assertEquals(Duration.ZERO, manager.turn());
        assertEquals(
                "CN=system:node:edge7,O=system:nodes",
                store.current().orElseThrow().subject());
        assertTrue(Files.readString(kubeconfigFile).contains("client-certificate: \"" + store.currentFile() + "\""));
        assertFalse(Files.readString(kubeconfigFile).contains("abcdef"), "the bootstrap token stays where it is");
        assertEquals(CHECK_INTERVAL, manager.turn());
        assertEquals(store.current(), kubeconfig.certificate());
        onlyName();
    }

    @Test
    void anExpiredCertificateIsReplacedByABootstrap() throws Exception {
        writeCertificate(SUBJECT);
        manage(true, true);
        now = START.plus(LIFETIME).plusSeconds(1);
        bootstrapUntilPending();
        onlyName();
    }

    @Test
    void aKubeconfigWithoutCredentialsIsReplacedByABootstrap() throws Exception {
        write(kubeconfigFile, "");
        manage(true, false);
        bootstrapUntilPending();
        onlyName();
    }

    @Test
    void aCertificateThatCannotBeStoredIsRequestedAgain() throws Exception {
        manage(true, true);
        bootstrapUntilPending();
        signer.approve(onlyName(), SUBJECT, START.minusSeconds(60), START.plus(LIFETIME));
        Files.createDirectories(kubeconfigFile.resolve("in-the-way"));
        assertEquals(CHECK_INTERVAL, manager.turn());
        assertEquals(Optional.empty(), store.current());
        Files.delete(kubeconfigFile.resolve("in-the-way"));
        Files.delete(kubeconfigFile);
        assertEquals(Duration.ZERO, manager.turn(), "the request is still there");
        assertTrue(store.current().isPresent());
    }

    @Test
    void withoutABootstrapAnExpiredCertificateStays() throws Exception {
        writeCertificate(SUBJECT);
        manage(false, true);
        now = START.plus(LIFETIME).plusSeconds(1);
        assertEquals(CHECK_INTERVAL, manager.turn());
        assertTrue(signer.names().isEmpty());
    }

    @Test
    void withoutAnyKubeconfigNothingIsDone() throws Exception {
        manage(false, true);
        assertEquals(CHECK_INTERVAL, manager.turn());
    }

    @Test
    void aTokenNeedsNoCertificate() throws Exception {
        write(kubeconfigFile, "token: t");
        manage(true, true);
        assertEquals(CHECK_INTERVAL, manager.turn());
        assertTrue(signer.names().isEmpty());
    }

    @Test
    void rotatesBeforeTheCertificateExpiresAndNotAtOnceAgain() throws Exception {
        KeyAndCertificates first = writeCertificate(SUBJECT);
        manage(false, true);
        FakeSigner.reachable(api);
        assertEquals(CHECK_INTERVAL, manager.turn());
        assertTrue(signer.names().isEmpty(), "it is not due");
        now = RotationDeadline.of(first).minusSeconds(1);
        assertEquals(Duration.ofMillis(1001), manager.turn());
        now = RotationDeadline.of(first);
        assertEquals(Duration.ofMillis(250), manager.turn());
        // One that is due at once, again.
        signer.approve(onlyName(), SUBJECT, START.minusSeconds(60), now.plus(Duration.ofMinutes(2)));
        assertEquals(Duration.ZERO, manager.turn());
        KeyAndCertificates second = store.current().orElseThrow();
        assertNotEquals(first.certificate(), second.certificate());
        Files.setLastModifiedTime(directory.resolve("client.pem"), FileTime.from(START.minus(Duration.ofDays(1))));
        assertEquals(CHECK_INTERVAL, manager.turn());
        assertEquals(Optional.of(second.certificate()), kubeconfig.certificate().map(KeyAndCertificates::certificate));
        assertEquals(List.of(onlyName()), signer.names(), "a minute passes before the next request");
        now = now.plus(Duration.ofMinutes(1));
        manager.turn();
        assertEquals(2, signer.names().size());
    }

    @Test
    void anotherSubjectIsNotRotated() throws Exception {
        KeyAndCertificates certificate = writeCertificate("O=system:nodes, CN=system:node:other");
        manage(false, true);
        FakeSigner.reachable(api);
        now = RotationDeadline.of(certificate).plusSeconds(1);
        assertEquals(CHECK_INTERVAL, manager.turn());
        assertTrue(signer.names().isEmpty());
    }

    @Test
    void withoutRotationNothingIsRequested() throws Exception {
        KeyAndCertificates certificate = writeCertificate(SUBJECT);
        manage(true, false);
        FakeSigner.reachable(api);
        now = certificate.notAfter().minusSeconds(3);
        assertEquals(Duration.ofMillis(3001), manager.turn(), "until it expires");
        assertTrue(signer.names().isEmpty());
    }

    @Test
    void isNeededForABootstrapOrRotation() {
        Path file = Path.of("f");
        assertFalse(new ClientCertificateManager.Settings("n", file, Optional.empty(), false).isNeeded());
        assertTrue(new ClientCertificateManager.Settings("n", file, Optional.empty(), true).isNeeded());
        assertTrue(new ClientCertificateManager.Settings("n", file, Optional.of(file), false).isNeeded());
    }

    @Test
    void theLoopTakesTurns() throws Exception {
        manage(true, true);
        manager.start();
        Eventually.await("a request", () -> signer.names().size() == 1);
    }
}
