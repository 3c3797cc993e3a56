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
 * A server's certificate that nobody else signs, in {@code kubelet.crt} and {@code kubelet.key} of a directory, as the
 * kubelet's. For one thread.
 */
public final class SelfSignedFiles {

    /** The kubelet never makes another; clients that pin ours get some time to learn the new one. */
    private static final Duration RENEW_BEFORE_EXPIRY = Duration.ofDays(30);

    private final Path certificate;
    private final Path key;

    public SelfSignedFiles(Path directory) {
        this.certificate = directory.resolve("kubelet.crt");
        this.key = directory.resolve("kubelet.key");
    }

    /**
     * The certificate; made when there is none, when it cannot be used, when it is about to expire, or when it does not speak
     * of all names of the subject. One that somebody else signed is left alone. Blocks.
     */
    public KeyAndCertificates current(CertificateSubject subject, Instant now) throws IOException {
        Objects.requireNonNull(subject, "subject");
        Optional<KeyAndCertificates> found = read();
        if (found.isPresent() && (!selfSigned(found.get()) || isUsable(found.get(), subject, now))) {
            return found.get();
        }
        KeyAndCertificates made = CertificateIssuer.selfSigned(subject, now);
        // Killed between the two, they do not belong together, and others are made.
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
            return Optional.empty(); // another is made, which is all that can be done about it
        }
    }
}
