/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.certificate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyPair;
import java.security.cert.CertificateExpiredException;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.operator.jcajce.JcaContentVerifierProviderBuilder;
import org.bouncycastle.pkcs.PKCS10CertificationRequest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CertificateIssuerTest {

    private static final Instant NOW = Instant.parse("2026-11-21T18:00:00Z");
    private static final CertificateSubject NODE = CertificateSubject.ofNode("n1");
    private static final CertificateSubject SERVER =
            NODE.serving(List.of("n1", "n1.example.org"), List.of("192.0.2.1", "2001:db8::1"));

    @TempDir
    private Path directory;

    private static PKCS10CertificationRequest parsed(String pem) throws Exception {
        try (PEMParser parser = new PEMParser(new StringReader(pem))) {
            return (PKCS10CertificationRequest) parser.readObject();
        }
    }

    @Test
    void asksForANodeAsTheKubeletDoes() throws Exception {
        KeyPair keys = PrivateKeys.generate();
        PKCS10CertificationRequest request = parsed(CertificateIssuer.request(keys, NODE));
        assertEquals("O=system:nodes,CN=system:node:n1", request.getSubject().toString());
        assertEquals(0, request.getAttributes().length);
        assertTrue(request.isSignatureValid(new JcaContentVerifierProviderBuilder().build(keys.getPublic())));
    }

    @Test
    void asksForAServerWithItsNames() throws Exception {
        PKCS10CertificationRequest request = parsed(CertificateIssuer.request(PrivateKeys.generate(), SERVER));
        GeneralNames names =
                GeneralNames.fromExtensions(request.getRequestedExtensions(), Extension.subjectAlternativeName);
        assertEquals(4, names.getNames().length);
        assertEquals("n1", names.getNames()[0].getName().toString());
    }

    @Test
    void vouchesForItselfForAYear() throws Exception {
        KeyAndCertificates made = CertificateIssuer.selfSigned(SERVER, NOW);
        assertTrue(made.covers(SERVER));
        assertFalse(made.covers(NODE.serving(List.of("n2"), List.of())));
        assertEquals(NOW.plus(Duration.ofDays(365)), made.notAfter());
        assertEquals(List.of("1.3.6.1.5.5.7.3.1"), made.certificate().getExtendedKeyUsage());
        made.certificate().verify(made.certificate().getPublicKey());
        Date late = Date.from(NOW.plus(Duration.ofDays(366)));
        assertThrows(CertificateExpiredException.class, () -> made.certificate().checkValidity(late));
    }

    @Test
    void makesTheFilesOfASelfSignedCertificateOnce() throws Exception {
        SelfSignedFiles files = new SelfSignedFiles(directory.resolve("pki"));
        KeyAndCertificates made = files.current(SERVER, NOW);
        assertEquals(made, files.current(SERVER, NOW));
        Path certificate = directory.resolve("pki/kubelet.crt");
        Path key = directory.resolve("pki/kubelet.key");
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(key)));
        assertEquals("rw-r--r--", PosixFilePermissions.toString(Files.getPosixFilePermissions(certificate)));
        assertEquals(made, KeyAndCertificates.read(certificate, key));

        KeyAndCertificates moved = files.current(NODE.serving(List.of("n1"), List.of("192.0.2.2")), NOW);
        assertNotEquals(made, moved);
        KeyAndCertificates renewed =
                files.current(NODE.serving(List.of("n1"), List.of("192.0.2.2")), NOW.plus(Duration.ofDays(340)));
        assertNotEquals(moved, renewed);

        Files.writeString(key, PrivateKeys.pem(PrivateKeys.generate().getPrivate()));
        assertNotEquals(renewed, files.current(SERVER, NOW), "killed between the two files");
    }

    @Test
    void leavesTheCertificateOfAnAuthorityAlone() throws Exception {
        KeyAndCertificates theirs = new TestAuthority("CN=theirs")
                .issue("CN=any", NOW.minus(Duration.ofDays(2)), NOW.minus(Duration.ofDays(1)), "other");
        Files.writeString(directory.resolve("kubelet.crt"), Certificates.pem(theirs.chain()));
        Files.writeString(directory.resolve("kubelet.key"), PrivateKeys.pem(theirs.key()));
        assertEquals(theirs, new SelfSignedFiles(directory).current(SERVER, NOW));
    }
}
