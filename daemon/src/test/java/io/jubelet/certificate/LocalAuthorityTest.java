/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.certificate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.certificate.LocalAuthority.Usage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalAuthorityTest {

    private static final Instant NOW = Instant.now();
    private static final CertificateSubject SERVER =
            new CertificateSubject(Optional.empty(), "api", List.of("localhost"), List.of("127.0.0.1"));
    private static final CertificateSubject CLIENT =
            new CertificateSubject(Optional.of("group"), "user", List.of(), List.of());

    @TempDir
    private Path directory;

    private LocalAuthority authority() {
        return new LocalAuthority(directory, "authority");
    }

    private List<X509Certificate> authorities() throws IOException {
        return Certificates.read(PemText.read(authority().file()));
    }

    @Test
    void certificatesAreSignedAndKept() throws Exception {
        KeyAndCertificates client = authority().current("client", CLIENT, Usage.CLIENT, NOW);
        assertTrue(TlsContexts.trusts(authorities(), client.chain()));
        assertEquals("CN=user,O=group", client.subject());
        assertEquals(
                client.chain(),
                authority().current("client", CLIENT, Usage.CLIENT, NOW).chain());
        for (String key : List.of("ca.key", "client.key")) {
            assertEquals(
                    "rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(directory.resolve(key))));
        }
    }

    /** Otherwise the key of the server could be used as that of a client. */
    @Test
    void serverIsNoClient() throws Exception {
        KeyAndCertificates server = authority().current("server", SERVER, Usage.SERVER, NOW);
        assertTrue(server.covers(SERVER));
        assertFalse(TlsContexts.trusts(authorities(), server.chain()));
    }

    @Test
    void certificateIsRenewedAMonthBeforeItsEndAndForOtherNames() throws Exception {
        KeyAndCertificates first = authority().current("server", SERVER, Usage.SERVER, NOW);
        Instant early = first.notAfter().minus(Duration.ofDays(31));
        assertEquals(
                first.chain(),
                authority().current("server", SERVER, Usage.SERVER, early).chain());
        assertFalse(LocalAuthority.isDue(first, early));
        Instant late = first.notAfter().minus(Duration.ofDays(29));
        assertTrue(LocalAuthority.isDue(first, late));
        assertNotEquals(
                first.chain(),
                authority().current("server", SERVER, Usage.SERVER, late).chain());
        CertificateSubject other =
                new CertificateSubject(Optional.empty(), "api", List.of("localhost"), List.of("192.0.2.1"));
        assertTrue(authority().current("server", other, Usage.SERVER, NOW).covers(other));
    }

    @Test
    void newAuthorityTrustsNoOldCertificate() throws Exception {
        KeyAndCertificates old = authority().current("client", CLIENT, Usage.CLIENT, NOW);
        Files.delete(directory.resolve("ca.key"));
        KeyAndCertificates renewed = authority().current("client", CLIENT, Usage.CLIENT, NOW);
        assertNotEquals(old.chain(), renewed.chain());
        assertFalse(TlsContexts.trusts(authorities(), old.chain()));
        assertTrue(TlsContexts.trusts(authorities(), renewed.chain()));
    }
}
