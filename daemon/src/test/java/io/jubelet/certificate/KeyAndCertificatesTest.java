/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.certificate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.interfaces.ECPrivateKey;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KeyAndCertificatesTest {

    private static final Instant NOW = Instant.now();
    private static final Instant TOMORROW = NOW.plus(Duration.ofDays(1));

    private final TestAuthority authority = new TestAuthority("CN=authority");
    private final KeyAndCertificates issued = authority.issue("O=system:nodes, CN=system:node:n1", NOW, TOMORROW);

    @TempDir
    private Path directory;

    private KeyPair keys(String algorithm, int size) throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
        if (size > 0) {
            generator.initialize(size);
        }
        return generator.generateKeyPair();
    }

    /** RSA in PKCS#1, EC in SEC1, as Go and openssl write them. */
    private String legacy(KeyPair pair) throws IOException {
        PrivateKeyInfo info = PrivateKeyInfo.getInstance(pair.getPrivate().getEncoded());
        if (pair.getPrivate() instanceof ECPrivateKey key) {
            return PemText.block(
                    "EC PRIVATE KEY",
                    new org.bouncycastle.asn1.sec.ECPrivateKey(
                                    key.getParams().getOrder().bitLength(),
                                    key.getS(),
                                    info.getPrivateKeyAlgorithm().getParameters())
                            .getEncoded());
        }
        return PemText.block(
                "RSA PRIVATE KEY", info.parsePrivateKey().toASN1Primitive().getEncoded());
    }

    @Test
    void readsKeysOfAllKindsInAllForms() throws Exception {
        for (KeyPair pair : List.of(keys("RSA", 2048), keys("EC", 256), keys("EC", 384), keys("Ed25519", 0))) {
            String certificate = Certificates.pem(
                    List.of(authority.sign("CN=any", pair.getPublic(), NOW, TOMORROW, false, List.of())));
            KeyAndCertificates read = KeyAndCertificates.of(
                    new PemText("c", certificate), new PemText("k", PrivateKeys.pem(pair.getPrivate())));
            assertEquals(pair.getPrivate(), read.key());
            if (!pair.getPrivate().getAlgorithm().startsWith("Ed")) {
                String old = legacy(pair);
                assertTrue(old.contains("BEGIN " + pair.getPrivate().getAlgorithm() + " PRIVATE KEY"), old);
                KeyAndCertificates same = KeyAndCertificates.of(new PemText("c", certificate), new PemText("k", old));
                assertEquals(Optional.of(true), PrivateKeys.match(same.key(), pair.getPublic()));
            }
        }
    }

    @Test
    void readsWhatOpensslWritesBesidesTheKey() throws Exception {
        KeyPair pair = keys("EC", 256);
        String text = "subject=CN = n1\n-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n"
                + legacy(pair);
        PrivateKey read = PrivateKeys.read(new PemText("k", text.replace("\n", "\r\n")));
        assertEquals(Optional.of(true), PrivateKeys.match(read, pair.getPublic()));
    }

    @Test
    void readsOneFileWithKeyAndChain() throws Exception {
        KeyAndCertificates chained =
                new KeyAndCertificates(issued.key(), List.of(issued.certificate(), authority.certificate()));
        Path file = Files.writeString(directory.resolve("kubelet-client-current.pem"), chained.pem());
        assertEquals(chained, KeyAndCertificates.read(file, file));
    }

    @Test
    void showsNoKey() {
        assertEquals("CN=system:node:n1,O=system:nodes until " + issued.notAfter(), issued.toString());
        assertEquals("file", new PemText("file", issued.pem()).toString());
    }

    @Test
    void tellsWhetherItHasExpired() {
        assertFalse(issued.expired(NOW));
        assertTrue(issued.expired(TOMORROW.plusSeconds(1)));
    }

    private String problem(String certificate, String key) {
        PemText certificates = new PemText("/etc/c.pem", certificate);
        PemText keyText = new PemText("/etc/k.pem", key);
        return assertThrows(UnusableCertificateException.class, () -> KeyAndCertificates.of(certificates, keyText))
                .getMessage();
    }

    @Test
    void saysWhatIsWrongAndWhere() throws Exception {
        String certificate = Certificates.pem(issued.chain());
        String key = PrivateKeys.pem(issued.key());
        assertEquals("/etc/c.pem: empty", problem("", key));
        assertEquals("/etc/c.pem: not in PEM: no line begins with -----BEGIN", problem("hello", key));
        assertEquals("/etc/c.pem: contains no certificate", problem(key, key));
        assertEquals("/etc/k.pem: contains no private key", problem(certificate, certificate));
        assertEquals(
                "/etc/c.pem: the PEM block that begins in line 2 has no end: the text is truncated",
                problem("\n" + certificate.substring(0, 200), key));
        assertTrue(problem(certificate, PemText.block("PRIVATE KEY", new byte[] {1, 2}))
                .startsWith("/etc/k.pem: the private key is malformed, or not an EC, RSA or Ed25519 key"));
        assertTrue(problem(certificate, PemText.block("EC PRIVATE KEY", new byte[] {1, 2}))
                .startsWith("/etc/k.pem: the private key is damaged: "));
        assertTrue(problem(certificate, PemText.block("ENCRYPTED PRIVATE KEY", new byte[] {1}))
                .startsWith("/etc/k.pem: the private key is encrypted; "));
        assertTrue(problem(
                        certificate,
                        "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\nAAAA\n-----END RSA PRIVATE KEY-----")
                .startsWith("/etc/k.pem: the RSA PRIVATE KEY is encrypted; "));
        assertTrue(problem(PemText.block("CERTIFICATE", new byte[] {1, 2}), key)
                .startsWith("/etc/c.pem: certificate 1 cannot be read: "));
        assertEquals(
                "/etc/k.pem: the private key does not match the certificate of CN=system:node:n1,O=system:nodes"
                        + " in /etc/c.pem",
                problem(certificate, PrivateKeys.pem(PrivateKeys.generate().getPrivate())));
        assertEquals(
                "/etc/k.pem: the private key does not match the certificate of CN=system:node:n1,O=system:nodes"
                        + " in /etc/c.pem",
                problem(certificate, PrivateKeys.pem(keys("RSA", 2048).getPrivate())));
    }

    @Test
    void saysWhichFileCannotBeRead() throws IOException {
        Path missing = directory.resolve("missing.pem");
        assertEquals(
                missing + ": cannot be read: it does not exist",
                assertThrows(UnusableCertificateException.class, () -> PemText.read(missing))
                        .getMessage());
        Path binary = Files.write(directory.resolve("binary.der"), new byte[] {(byte) 0xff, (byte) 0xfe, 3});
        assertEquals(
                binary + ": not a text file, so not in PEM",
                assertThrows(UnusableCertificateException.class, () -> PemText.read(binary))
                        .getMessage());
    }
}
