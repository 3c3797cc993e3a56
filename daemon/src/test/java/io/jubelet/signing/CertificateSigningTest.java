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
import io.jubelet.certificate.CertificateSubject;
import io.jubelet.certificate.Certificates;
import io.jubelet.certificate.KeyAndCertificates;
import io.jubelet.concurrent.NodeClock;
import io.jubelet.kubeapi.KubeApi;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CertificateSigningTest {

    private static final Instant START = Instant.now().truncatedTo(ChronoUnit.SECONDS);
    private static final CertificateRequest REQUEST = CertificateRequest.client("edge7");
    private static final String SUBJECT = "O=system:nodes, CN=system:node:edge7";

    @TempDir
    private Path directory;

    private volatile Instant now = START;
    /** By how much the wall clock was set. */
    private volatile Duration clockSet = Duration.ZERO;

    private FakeSigner signer;
    private KubeApi api;
    private CertificateStore store;
    private CertificateSigning signing;

    @BeforeEach
    void start() throws Exception {
        signer = new FakeSigner();
        api = signer.client(() -> now);
        store = new CertificateStore(directory.resolve("pki"), "kubelet-client");
        signing = new CertificateSigning(store, new NodeClock(() -> now.plus(clockSet), () -> now));
    }

    @AfterEach
    void close() {
        api.close();
        signer.close();
    }

    private Duration pause() throws InterruptedException {
        CertificateSigning.Step step = signing.step(api, REQUEST);
        assertEquals(Optional.empty(), step.issued());
        return step.pause();
    }

    private String onlyName() {
        assertEquals(1, signer.names().size(), signer.names()::toString);
        return signer.names().getFirst();
    }

    private void approve(String name) {
        signer.approve(name, SUBJECT, START.minusSeconds(60), START.plus(Duration.ofHours(10)));
    }

    @Test
    void pollsUntilTheRequestIsSigned() throws Exception {
        assertEquals(Duration.ofMillis(250), pause());
        String name = onlyName();
        assertTrue(signer.onlyBody().contains("\"signerName\":\"kubernetes.io/kube-apiserver-client-kubelet\""));
        assertTrue(signer.onlyBody().contains("\"usages\":[\"digital signature\",\"client auth\"]"));
        for (int millis : new int[] {500, 1000, 2000, 4000, 5000, 5000}) {
            assertEquals(Duration.ofMillis(millis), pause());
        }
        approve(name);
        KeyAndCertificates issued = signing.step(api, REQUEST).issued().orElseThrow();
        assertEquals("CN=system:node:edge7,O=system:nodes", issued.subject());
        assertEquals(Optional.empty(), store.current());
        signing.save(issued);
        assertEquals(issued.certificate(), store.current().orElseThrow().certificate());
        assertEquals(1, signer.names().size());
    }

    @Test
    void theMessageOfADenialIsCut() throws Exception {
        pause();
        String name = onlyName();
        signer.condition(name, "Denied", "m".repeat(CsrClient.MAX_MESSAGE_CHARS + 1));
        assertEquals(
                new SigningState.Rejected(name + " was denied: " + "m".repeat(CsrClient.MAX_MESSAGE_CHARS) + "..."),
                new CsrClient(store).advance(api, REQUEST));
    }

    @Test
    void aRestartContinuesTheSameRequest() throws Exception {
        pause();
        signing = new CertificateSigning(
                new CertificateStore(directory.resolve("pki"), "kubelet-client"),
                new NodeClock(() -> now.plus(clockSet), () -> now));
        pause();
        onlyName();
    }

    @Test
    void aRequestThatTheClusterRemovedIsMadeAgain() throws Exception {
        pause();
        String name = onlyName();
        signer.removeAll();
        pause();
        assertEquals(name, onlyName());
    }

    @Test
    void findsTheRequestThatALostResponseHasMade() throws Exception {
        pause();
        signer.hideRequests(true);
        assertEquals(Duration.ofMillis(500), pause());
        signer.hideRequests(false);
        approve(onlyName());
        assertTrue(signing.step(api, REQUEST).issued().isPresent());
    }

    @ParameterizedTest
    @ValueSource(longs = {-1, 3650})
    void aClockThatIsSetChangesNoPause(long days) throws Exception {
        pause();
        signer.condition(onlyName(), "Denied", "not this node");
        assertEquals(Duration.ofSeconds(10), pause());
        clockSet = Duration.ofDays(days);
        now = now.plusSeconds(4);
        assertEquals(Duration.ofSeconds(6), pause());
        now = now.plusSeconds(6);
        pause();
        assertEquals(2, signer.names().size());
    }

    @ParameterizedTest
    @ValueSource(strings = {"Denied", "Failed"})
    void afterARejectionAnotherKeyIsUsedAndThePausesGrow(String type) throws Exception {
        pause();
        String first = onlyName();
        signer.condition(first, type, "not this node");
        assertEquals(Duration.ofSeconds(10), pause());
        now = now.plusSeconds(4);
        assertEquals(Duration.ofSeconds(6), pause(), "it is not asked earlier");
        now = now.plusSeconds(6);
        pause();
        assertEquals(2, signer.names().size());
        String second = signer.names().stream()
                .filter(name -> !name.equals(first))
                .findFirst()
                .orElseThrow();
        signer.condition(second, type, "");
        assertEquals(Duration.ofSeconds(20), pause());
        now = now.plusSeconds(20);
        pause();
        assertEquals(3, signer.names().size());
    }

    @Test
    void aCertificateThatIsNoCertificateIsARejection() throws Exception {
        pause();
        signer.approve(onlyName(), "no certificate");
        assertEquals(Duration.ofSeconds(10), pause());
        assertFalse(Files.exists(directory.resolve("pki/kubelet-client.key.tmp")), "its key is not used again");
    }

    @Test
    void aCertificateOfAnotherKeyIsARejection() throws Exception {
        pause();
        KeyAndCertificates other = signer.authority().issue(SUBJECT, START, START.plusSeconds(100));
        signer.approve(onlyName(), Certificates.pem(other.chain()));
        assertEquals(Duration.ofSeconds(10), pause());
        assertEquals(Optional.empty(), store.current());
    }

    @ParameterizedTest
    @CsvSource({"403, '', 2, 4", "429, 20, 20, 20", "500, 1, 2, 4", "422, 9, 2, 4"})
    void anErrorIsRetriedAfterItsBackOffOrTheTimeThatItAsksFor(int code, String retryAfter, int first, int second)
            throws Exception {
        signer.fail(code, retryAfter, "no");
        assertEquals(Duration.ofSeconds(first), pause());
        now = now.plusSeconds(first);
        assertEquals(Duration.ofSeconds(second), pause());
        signer.recover();
        now = now.plusSeconds(second);
        assertEquals(Duration.ofMillis(250), pause());
        onlyName();
    }

    @Test
    void anUnreachableServerIsLeftToTheClient() throws Exception {
        signer.close();
        assertEquals(Duration.ofMinutes(1), pause(), "the request gets no response");
        assertFalse(api.reachable());
        assertEquals(Duration.ofMinutes(1), pause(), "no request is sent");
    }

    @Test
    void aKeyThatCannotBeStoredIsNotUsed() throws Exception {
        Files.writeString(directory.resolve("pki"), "a file in place of the directory");
        assertEquals(Duration.ofSeconds(2), pause());
        assertTrue(signer.names().isEmpty(), signer.names()::toString);
    }

    @Test
    void aServingRequestNamesTheServer() throws Exception {
        CertificateRequest serving = CertificateRequest.serving(
                CertificateSubject.ofNode("edge7").serving(List.of("edge7"), List.of("192.0.2.1")));
        signing.step(api, serving);
        assertTrue(signer.onlyBody().contains("\"signerName\":\"kubernetes.io/kubelet-serving\""));
        assertTrue(signer.onlyBody().contains("\"usages\":[\"digital signature\",\"server auth\"]"));
        assertNotEquals(REQUEST.name(store.pendingKey().getPublic()), onlyName());
    }
}
