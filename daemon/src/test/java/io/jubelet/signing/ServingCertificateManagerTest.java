/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.signing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.certificate.CertificateStore;
import io.jubelet.certificate.CertificateSubject;
import io.jubelet.certificate.KeyAndCertificates;
import io.jubelet.certificate.TestAuthority;
import io.jubelet.concurrent.NodeClock;
import io.jubelet.kubeapi.KubeApi;
import io.jubelet.signing.ServingCertificateManager.Source;
import io.jubelet.testing.Eventually;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The turns of the manager, one after the other and without its loop. */
class ServingCertificateManagerTest {

    private static final Instant START = Instant.now().truncatedTo(ChronoUnit.SECONDS);
    private static final Duration CHECK_INTERVAL = Duration.ofSeconds(10);
    private static final Duration LIFETIME = Duration.ofHours(10);
    private static final String SUBJECT = "O=system:nodes, CN=system:node:edge7";

    @TempDir
    private Path directory;

    private volatile Instant now = START;
    private CertificateSubject names = named("edge7");

    private static CertificateSubject named(String... names) {
        return CertificateSubject.ofNode("edge7").serving(List.of(names), List.of());
    }

    private ServingCertificateManager manager(Source source) {
        return new ServingCertificateManager(source, () -> names, NodeClock.neverSet(() -> now));
    }

    @Test
    void readsProvidedFilesAgainAndKeepsWhatWasUsable() throws Exception {
        TestAuthority authority = new TestAuthority("CN=authority");
        Path file = directory.resolve("tls.pem");
        ServingCertificateManager manager = manager(new Source.ProvidedFiles(file, file));
        assertEquals(CHECK_INTERVAL, manager.turn());
        assertEquals(Optional.empty(), manager.current());
        KeyAndCertificates first = authority.issue("CN=edge7", START, START.plus(LIFETIME), "edge7");
        Files.writeString(file, first.pem());
        manager.turn();
        assertEquals(first.certificate(), manager.current().orElseThrow().certificate());
        Files.writeString(file, "half a file");
        manager.turn();
        assertEquals(first.certificate(), manager.current().orElseThrow().certificate());
        KeyAndCertificates second = authority.issue("CN=edge7", START, START.plus(LIFETIME), "edge7");
        Files.writeString(file, second.pem());
        manager.turn();
        assertEquals(second.certificate(), manager.current().orElseThrow().certificate());
    }

    @Test
    void signsItsOwnForTheNamesOfTheNode() throws Exception {
        ServingCertificateManager manager = manager(new Source.SelfSigned(directory));
        assertEquals(CHECK_INTERVAL, manager.turn());
        KeyAndCertificates first = manager.current().orElseThrow();
        assertTrue(first.covers(named("edge7")));
        manager.turn();
        assertEquals(first.certificate(), manager.current().orElseThrow().certificate());
        names = named("edge7", "edge7.example.org");
        manager.turn();
        assertTrue(manager.current().orElseThrow().covers(names));
    }

    @Test
    void theClusterSignsAndRenewsForEachChangeOfNames() throws Exception {
        CertificateStore store = new CertificateStore(directory, "kubelet-server");
        try (FakeSigner signer = new FakeSigner();
                KubeApi api = signer.client(NodeClock.neverSet(() -> now))) {
            ServingCertificateManager manager = manager(new Source.Cluster(api, store));
            assertEquals(Duration.ofMillis(250), manager.turn());
            assertEquals(Optional.empty(), manager.current());
            String first = signer.names().getFirst();
            signer.approve(first, SUBJECT, START.minusSeconds(60), START.plus(LIFETIME), "edge7");
            assertEquals(CHECK_INTERVAL, manager.turn());
            KeyAndCertificates issued = manager.current().orElseThrow();
            assertEquals(store.current(), Optional.of(issued));
            assertEquals(CHECK_INTERVAL, manager.turn());
            names = named("edge7", "edge7.example.org");
            assertEquals(CHECK_INTERVAL, manager.turn(), "not sooner than a minute after the last request");
            assertEquals(1, signer.names().size());
            now = now.plus(Duration.ofMinutes(1));
            assertEquals(Duration.ofMillis(250), manager.turn());
            assertEquals(2, signer.names().size());
            assertEquals(Optional.of(issued), manager.current(), "the old one serves meanwhile");
            String second = signer.names().stream()
                    .filter(name -> !name.equals(first))
                    .findFirst()
                    .orElseThrow();
            signer.approve(second, SUBJECT, START.minusSeconds(60), START.plus(LIFETIME), "edge7", "edge7.example.org");
            manager.turn();
            assertNotEquals(Optional.of(issued), manager.current());

            ServingCertificateManager restarted = manager(new Source.Cluster(api, store));
            assertEquals(CHECK_INTERVAL, restarted.turn());
            assertEquals(store.current(), restarted.current(), "a restart requests nothing");
            now = START.plus(LIFETIME);
            assertEquals(Duration.ofMillis(250), restarted.turn(), "it is due");
        }
    }

    @Test
    void theLoopTakesTurns() {
        try (ServingCertificateManager manager =
                manager(new Source.SelfSigned(directory)).start()) {
            Eventually.await("a certificate", () -> manager.current().isPresent());
        }
    }
}
