/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.certificate;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;

/**
 * A self-signed serving certificate in {@code kubelet.crt} and {@code kubelet.key} of a directory,
 * as the kubelet has it. For one thread.
 */
public final class SelfSignedFiles {

    /**
     * The kubelet never renews its own. Renewing early gives clients that pin the certificate time
     * to learn the new one.
     */
    private static final Duration RENEW_BEFORE_EXPIRY = Duration.ofDays(30);

    private final Path certificate;
    private final Path key;

    public SelfSignedFiles(Path directory) {
        this.certificate = directory.resolve("kubelet.crt");
        this.key = directory.resolve("kubelet.key");
    }

    /**
     * Returns the certificate. Creates a new one when there is none, or when it is unusable, about
     * to expire or not valid for all names of the subject. A certificate that an authority signed
     * is left alone. Blocks.
     */
    public KeyAndCertificates current(CertificateSubject subject, Instant now) throws IOException {
        Objects.requireNonNull(subject, "subject");
        Optional<KeyAndCertificates> found = read();
        if (found.isPresent() && (!selfSigned(found.get()) || isUsable(found.get(), subject, now))) {
            return found.get();
        }
        KeyAndCertificates made = CertificateIssuer.selfSigned(subject, now);
        // A daemon that is killed between the two writes finds files that do not match, and creates
        // new ones.
        CertificateStore.writeSecret(key, PrivateKeys.pem(made.key()));
        CertificateStore.writePublic(certificate, Certificates.pem(made.chain()));
        return made;
    }

    private static boolean selfSigned(KeyAndCertificates found) {
        X509Certificate certificate = found.certificate();
        return certificate.getIssuerX500Principal().equals(certificate.getSubjectX500Principal());
    }

    private static boolean isUsable(KeyAndCertificates found, CertificateSubject subject, Instant now) {
        return !found.expired(now.plus(RENEW_BEFORE_EXPIRY)) && found.covers(subject);
    }

    private Optional<KeyAndCertificates> read() {
        if (!Files.exists(certificate) || !Files.exists(key)) {
            return Optional.empty();
        }
        try {
            return Optional.of(KeyAndCertificates.read(certificate, key));
        } catch (UnusableCertificateException _) {
            return Optional.empty(); // unusable files are replaced
        }
    }
}
