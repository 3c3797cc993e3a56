/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.certificate;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.SSLEngine;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ServerTlsTest {

    private static final Instant NOW = Instant.now().minusSeconds(60);
    private static final Instant TOMORROW = NOW.plus(Duration.ofDays(1));

    private final TestAuthority authority = new TestAuthority("CN=authority");
    private final TestAuthority other = new TestAuthority("CN=other");
    private final AtomicReference<Optional<KeyAndCertificates>> certificate =
            new AtomicReference<>(Optional.of(authority.issue("CN=server", NOW, TOMORROW)));

    @TempDir
    private Path dir;

    private Path clientCa;

    @BeforeEach
    void writeAuthority() throws IOException {
        clientCa = dir.resolve("ca.crt");
        Files.writeString(clientCa, authority.pem());
    }

    private ServerTls tls(String minVersion, boolean certificateRequired) {
        return new ServerTls(clientCa, certificate::get, minVersion, List.of(), List.of(), certificateRequired);
    }

    @Test
    void offersTheVersionsFromTheOldestOn() {
        SSLEngine both = tls("TLSv1.2", true).engine().orElseThrow();
        assertArrayEquals(new String[] {"TLSv1.3", "TLSv1.2"}, both.getEnabledProtocols());
        SSLEngine newest = tls("TLSv1.3", true).engine().orElseThrow();
        assertArrayEquals(new String[] {"TLSv1.3"}, newest.getEnabledProtocols());
        assertFalse(newest.getUseClientMode());
    }

    @Test
    void requiresACertificateOnlyIfItIsToldTo() {
        assertTrue(tls("TLSv1.2", true).engine().orElseThrow().getNeedClientAuth());
        SSLEngine optional = tls("TLSv1.2", false).engine().orElseThrow();
        assertFalse(optional.getNeedClientAuth());
        assertTrue(optional.getWantClientAuth());
    }

    @Test
    void refusesConnectionsUntilThereIsACertificate() {
        Optional<KeyAndCertificates> issued = certificate.getAndSet(Optional.empty());
        ServerTls tls = tls("TLSv1.2", true);
        assertTrue(tls.engine().isEmpty());
        certificate.set(issued);
        assertTrue(tls.engine().isPresent());
    }

    @Test
    void aChangeOfTheAuthoritiesTakesEffectAtOnce() throws IOException {
        ServerTls tls = tls("TLSv1.2", true);
        var client = List.of(other.issue("CN=client", NOW, TOMORROW).certificate());
        assertFalse(tls.trusts(client));
        Files.writeString(clientCa, other.pem());
        assertTrue(tls.trusts(client));
        assertTrue(tls.engine().isPresent());
        Files.delete(clientCa);
        assertFalse(tls.trusts(client));
        assertTrue(tls.engine().isEmpty());
    }

    @Test
    void offersAuthenticatedEncryptionAlone() {
        for (String suite : tls("TLSv1.2", true).engine().orElseThrow().getEnabledCipherSuites()) {
            assertTrue(suite.contains("_GCM_") || suite.contains("_CHACHA20_POLY1305_"), suite);
            assertTrue(suite.startsWith("TLS_ECDHE_") || !suite.contains("_WITH_"), suite);
        }
    }

    @Test
    void offersTheSuitesThatWereChosenAndThoseOfTls13() {
        List<String> chosen = List.of("TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384", "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256");
        SSLEngine engine = new ServerTls(clientCa, certificate::get, "TLSv1.2", chosen, List.of(), true)
                .engine()
                .orElseThrow();
        assertArrayEquals(
                new String[] {
                    "TLS_AES_128_GCM_SHA256",
                    "TLS_AES_256_GCM_SHA384",
                    "TLS_CHACHA20_POLY1305_SHA256",
                    "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
                    "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256"
                },
                engine.getEnabledCipherSuites());
    }

    @Test
    void keepsFewSessions() throws Exception {
        assertEquals(
                TlsContexts.MAX_SERVER_SESSIONS,
                TlsContexts.server(certificate.get().orElseThrow(), Optional.empty())
                        .getServerSessionContext()
                        .getSessionCacheSize());
    }
}
