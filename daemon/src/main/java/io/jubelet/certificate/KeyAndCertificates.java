package io.jubelet.certificate;

import java.nio.file.Path;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import java.util.Objects;

/**
 * A private key, and the certificate that says whose it is.
 *
 * @param key of the first certificate
 * @param chain the certificate, then those of its issuers as far as they are known; at least one
 */
public record KeyAndCertificates(PrivateKey key, List<X509Certificate> chain) {

    public KeyAndCertificates {
        Objects.requireNonNull(key, "key");
        chain = List.copyOf(chain);
        if (chain.isEmpty()) {
            throw new IllegalArgumentException("a key without a certificate");
        }
    }

    /** Reads two texts, which may be one. */
    public static KeyAndCertificates of(PemText certificates, PemText key) throws UnusableCertificateException {
        return of(Certificates.read(certificates), certificates.source(), PrivateKeys.read(key), key.source());
    }

    /** Reads two files, which may be one. Blocks. */
    public static KeyAndCertificates read(Path certificates, Path key) throws UnusableCertificateException {
        PemText first = PemText.read(certificates);
        return of(first, certificates.equals(key) ? first : PemText.read(key));
    }

    /** Puts a key and its certificates together, if they belong together. */
    static KeyAndCertificates of(List<X509Certificate> chain, String certificateSource, PrivateKey key, String source)
            throws UnusableCertificateException {
        if (!PrivateKeys.match(key, chain.getFirst().getPublicKey()).orElse(true)) {
            String where = source.equals(certificateSource) ? "" : " in " + certificateSource;
            throw new UnusableCertificateException(source + ": the private key does not belong to the certificate of "
                    + chain.getFirst().getSubjectX500Principal().getName() + where);
        }
        return new KeyAndCertificates(key, chain);
    }

    /** The certificate of the key. */
    public X509Certificate certificate() {
        return chain.getFirst();
    }

    /**
     * This, if the key belongs to the certificate.
     *
     * @param source where they are from
     */
    public KeyAndCertificates requireMatchingKey(String source) throws UnusableCertificateException {
        return of(chain, source, key, source);
    }

    /** Whose the certificate is, such as {@code CN=system:node:edge7,O=system:nodes}. */
    public String subject() {
        return certificate().getSubjectX500Principal().getName();
    }

    /** When the certificate begins to be valid. */
    public Instant notBefore() {
        return certificate().getNotBefore().toInstant();
    }

    /** When the certificate ends to be valid. */
    public Instant notAfter() {
        return certificate().getNotAfter().toInstant();
    }

    /** Whether the certificate is no longer valid. One that is not valid yet is one of a clock that is wrong. */
    public boolean expired(Instant now) {
        return now.isAfter(notAfter());
    }

    /** Whether the certificate has all names of a server. */
    public boolean covers(CertificateSubject subject) {
        try {
            for (String name : subject.dnsNames()) {
                if (!ServerNameTrustManager.isValidFor(certificate(), name)) {
                    return false;
                }
            }
            for (String ip : subject.ips()) {
                if (!ServerNameTrustManager.isValidFor(certificate(), ip)) {
                    return false;
                }
            }
            return true;
        } catch (CertificateException e) {
            return false; // names that cannot be read are none
        }
    }

    /** The certificates and then the key, as the kubelet writes them into one file. */
    public String pem() {
        return Certificates.pem(chain) + PrivateKeys.pem(key);
    }

    /** Whose it is; nothing of the key. */
    @Override
    public String toString() {
        return subject() + " until " + notAfter();
    }
}
