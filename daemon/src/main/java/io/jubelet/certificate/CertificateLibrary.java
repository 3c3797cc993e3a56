package io.jubelet.certificate;

import java.io.IOException;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Optional;

/** What Java does not do with keys and certificates. */
public interface CertificateLibrary {

    /**
     * Reads a key in the form of PKCS#1 or SEC1.
     *
     * @param block one whole block in PEM
     * @return empty when it is encrypted
     * @throws IOException when it is damaged
     */
    Optional<PrivateKey> legacyKey(String block) throws IOException;

    /** A PKCS#10 request in DER. */
    byte[] request(KeyPair keys, CertificateSubject subject);

    /** A certificate of a server that vouches for itself. */
    X509Certificate selfSigned(KeyPair keys, CertificateSubject subject, Instant notBefore, Instant notAfter);
}
