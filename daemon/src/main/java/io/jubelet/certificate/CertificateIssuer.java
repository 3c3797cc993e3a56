package io.jubelet.certificate;

import io.jubelet.optional.OptionalLibraries;
import java.io.IOException;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/** Makes what asks for a certificate, and certificates that need nobody's signature. Loads BouncyCastle. Stateless. */
public final class CertificateIssuer {

    private static final Duration YEAR = Duration.ofDays(365);
    /** For clocks that are behind ours. */
    private static final Duration BACKDATED = Duration.ofHours(1);

    private CertificateIssuer() {}

    /** Made by the first who needs it. */
    private static final class Library {
        private static final CertificateLibrary LOADED =
                OptionalLibraries.load(CertificateLibrary.class, "io.jubelet.certificate.BouncyCastle");
    }

    /** A PKCS#10 request in PEM. */
    public static String request(KeyPair keys, CertificateSubject subject) {
        return PemText.block("CERTIFICATE REQUEST", Library.LOADED.request(keys, subject));
    }

    /** A certificate of a server that vouches for itself, for a year, with a new key. */
    public static KeyAndCertificates selfSigned(CertificateSubject subject, Instant now) {
        KeyPair keys = PrivateKeys.generate();
        return new KeyAndCertificates(
                keys.getPrivate(),
                List.of(Library.LOADED.selfSigned(keys, subject, now.minus(BACKDATED), now.plus(YEAR))));
    }

    /**
     * Reads a key in the forms PKCS#1 and SEC1, which Java does not know.
     *
     * @param block one whole block in PEM
     */
    static PrivateKey legacyKey(PemText pem, String block) throws UnusableCertificateException {
        try {
            return Library.LOADED
                    .legacyKey(block)
                    .orElseThrow(() -> new UnusableCertificateException(pem + ": the private key is encrypted"));
        } catch (UnusableCertificateException e) {
            throw e;
        } catch (IOException e) {
            throw new UnusableCertificateException(pem + ": the private key is damaged: " + e.getMessage(), e);
        }
    }
}
