/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.certificate;

import java.io.IOException;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Optional;

/** The operations on keys and certificates that the JDK does not offer. */
public interface CertificateLibrary {

    /**
     * Reads a private key in the format PKCS#1 or SEC1.
     *
     * @param block one complete PEM block
     * @return the key; empty when it is encrypted
     * @throws IOException when the block is malformed
     */
    Optional<PrivateKey> legacyKey(String block) throws IOException;

    /** Returns a PKCS#10 certificate request in DER. */
    byte[] request(KeyPair keys, CertificateSubject subject);

    /** Creates a self-signed serving certificate. */
    X509Certificate selfSigned(KeyPair keys, CertificateSubject subject, Instant notBefore, Instant notAfter);

    /** Creates the certificate of an authority, which it signs itself. */
    X509Certificate authority(KeyPair keys, CertificateSubject subject, Instant notBefore, Instant notAfter);

    /**
     * Creates a certificate that an authority signs.
     *
     * @param server whether it is for a server; otherwise it is for a client
     */
    X509Certificate signed(
            PublicKey key,
            CertificateSubject subject,
            KeyAndCertificates authority,
            boolean server,
            Instant notBefore,
            Instant notAfter);
}
