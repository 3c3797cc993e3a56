/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.certificate;

import java.nio.file.Path;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import java.util.Objects;

/**
 * A private key and its certificate chain. Immutable; {@link #toString()} shows nothing of the key.
 *
 * @param key the key of the first certificate
 * @param chain the certificate, then the certificates of its issuers as far as they are known; at
 *     least one
 */
public record KeyAndCertificates(PrivateKey key, List<X509Certificate> chain) {

    public KeyAndCertificates {
        Objects.requireNonNull(key, "key");
        chain = List.copyOf(chain);
        if (chain.isEmpty()) {
            throw new IllegalArgumentException("a key without a certificate");
        }
    }

    /** Reads certificates and a key from two texts, which may be the same. */
    public static KeyAndCertificates of(PemText certificates, PemText key) throws UnusableCertificateException {
        return of(Certificates.read(certificates), certificates.source(), PrivateKeys.read(key), key.source());
    }

    /** Reads certificates and a key from two files, which may be the same. Blocks. */
    public static KeyAndCertificates read(Path certificates, Path key) throws UnusableCertificateException {
        PemText first = PemText.read(certificates);
        return of(first, certificates.equals(key) ? first : PemText.read(key));
    }

    /** Combines a key and its certificates if they match. */
    static KeyAndCertificates of(List<X509Certificate> chain, String certificateSource, PrivateKey key, String source)
            throws UnusableCertificateException {
        if (!PrivateKeys.match(key, chain.getFirst().getPublicKey()).orElse(true)) {
            String where = source.equals(certificateSource) ? "" : " in " + certificateSource;
            throw new UnusableCertificateException(source + ": the private key does not match the certificate of "
                    + chain.getFirst().getSubjectX500Principal().getName() + where);
        }
        return new KeyAndCertificates(key, chain);
    }

    /** Returns the certificate of the key. */
    public X509Certificate certificate() {
        return chain.getFirst();
    }

    /**
     * Returns this if the key matches the certificate.
     *
     * @param source where they come from, for messages
     * @throws UnusableCertificateException when it does not match
     */
    public KeyAndCertificates requireMatchingKey(String source) throws UnusableCertificateException {
        return of(chain, source, key, source);
    }

    /**
     * Returns the subject of the certificate, such as {@code CN=system:node:edge7,O=system:nodes}.
     */
    public String subject() {
        return certificate().getSubjectX500Principal().getName();
    }

    /** Returns the start of the validity period. */
    public Instant notBefore() {
        return certificate().getNotBefore().toInstant();
    }

    /** Returns the end of the validity period. */
    public Instant notAfter() {
        return certificate().getNotAfter().toInstant();
    }

    /**
     * Returns whether the certificate has expired. One that is not valid yet does not count as
     * expired, because then the clock is wrong.
     */
    public boolean expired(Instant now) {
        return now.isAfter(notAfter());
    }

    /** Returns whether the certificate is valid for all names and addresses of a server. */
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
            return false; // unreadable names match nothing
        }
    }

    /**
     * Returns the certificates and then the key in PEM, as the kubelet writes them into one file.
     */
    public String pem() {
        return Certificates.pem(chain) + PrivateKeys.pem(key);
    }

    /** Omits the key. */
    @Override
    public String toString() {
        return subject() + " until " + notAfter();
    }
}
