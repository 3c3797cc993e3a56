/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.certificate;

import io.jubelet.optional.OptionalLibraries;
import java.io.IOException;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * Creates certificate requests and self-signed certificates. Loads BouncyCastle on first use.
 * Stateless.
 */
public final class CertificateIssuer {

    private static final Duration YEAR = Duration.ofDays(365);
    private static final int AUTHORITY_YEARS = 10;
    /** Allows for clients whose clocks are behind. */
    private static final Duration BACKDATED = Duration.ofHours(1);

    private CertificateIssuer() {}

    /** Loads the library when it is first used. */
    private static final class Library {
        private static final CertificateLibrary LOADED =
                OptionalLibraries.load(CertificateLibrary.class, "io.jubelet.certificate.BouncyCastle");
    }

    /** Returns a PKCS#10 certificate request in PEM. */
    public static String request(KeyPair keys, CertificateSubject subject) {
        return PemText.block("CERTIFICATE REQUEST", Library.LOADED.request(keys, subject));
    }

    /** Creates a self-signed serving certificate, valid for a year, with a new key. */
    public static KeyAndCertificates selfSigned(CertificateSubject subject, Instant now) {
        KeyPair keys = PrivateKeys.generate();
        return new KeyAndCertificates(
                keys.getPrivate(),
                List.of(Library.LOADED.selfSigned(keys, subject, now.minus(BACKDATED), now.plus(YEAR))));
    }

    /** Creates an authority of our own, valid for ten years, with a new key. */
    static KeyAndCertificates authority(CertificateSubject subject, Instant now) {
        KeyPair keys = PrivateKeys.generate();
        return new KeyAndCertificates(
                keys.getPrivate(),
                List.of(Library.LOADED.authority(
                        keys, subject, now.minus(BACKDATED), now.plus(YEAR.multipliedBy(AUTHORITY_YEARS)))));
    }

    /**
     * Creates a certificate that an authority of our own signs, valid for a year, with a new key.
     *
     * @param server whether it is for a server; otherwise it is for a client
     */
    static KeyAndCertificates signed(
            CertificateSubject subject, KeyAndCertificates authority, boolean server, Instant now) {
        KeyPair keys = PrivateKeys.generate();
        return new KeyAndCertificates(
                keys.getPrivate(),
                List.of(Library.LOADED.signed(
                        keys.getPublic(), subject, authority, server, now.minus(BACKDATED), now.plus(YEAR))));
    }

    /**
     * Reads a private key in the formats PKCS#1 and SEC1, which the JDK does not support.
     *
     * @param block one complete PEM block
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
