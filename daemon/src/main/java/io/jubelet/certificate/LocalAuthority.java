/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.certificate;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * An authority of this node alone, and the certificates that it signs, in one directory: {@code ca.crt} and {@code ca.key},
 * and {@code NAME.crt} and {@code NAME.key} of each certificate. Only their owner can read the keys.
 *
 * <p>For one thread at a time. A daemon that is killed between two writes finds files that do not match, and creates new ones.
 */
public final class LocalAuthority {

    private static final String AUTHORITY = "ca";
    /** What a certificate is for. */
    public enum Usage {
        SERVER,
        CLIENT
    }

    private static final Duration RENEW_BEFORE_EXPIRY = Duration.ofDays(30);

    private final Path directory;
    private final String name;

    /** @param name of the authority, its common name */
    public LocalAuthority(Path directory, String name) {
        this.directory = Objects.requireNonNull(directory, "directory");
        this.name = Objects.requireNonNull(name, "name");
    }

    /** The file with the certificate of the authority; exists after the first call of {@link #current}. */
    public Path file() {
        return directory.resolve(AUTHORITY + ".crt");
    }

    /** Returns the authority, and creates it when there is none that will be valid for another month. Blocks. */
    KeyAndCertificates authority(Instant now) throws IOException {
        Optional<KeyAndCertificates> found = read(AUTHORITY);
        if (found.isPresent() && !found.get().expired(now.plus(RENEW_BEFORE_EXPIRY))) {
            return found.get();
        }
        CertificateSubject subject = new CertificateSubject(Optional.empty(), name, List.of(), List.of());
        return write(AUTHORITY, CertificateIssuer.authority(subject, now));
    }

    /**
     * Returns the certificate of a name. Creates a new one when there is none, or when it is unusable, about to expire, not
     * valid for all names of the subject, or was signed by an earlier authority. Blocks.
     *
     * @param name such as {@code server}
     */
    public KeyAndCertificates current(String name, CertificateSubject subject, Usage usage, Instant now)
            throws IOException {
        KeyAndCertificates authority = authority(now);
        Optional<KeyAndCertificates> found = read(name);
        if (found.isPresent() && isUsable(found.get(), subject, authority, now)) {
            return found.get();
        }
        return write(name, CertificateIssuer.signed(subject, authority, usage == Usage.SERVER, now));
    }

    /** Whether a certificate is about to expire, so that {@link #current} would create a new one. */
    public static boolean isDue(KeyAndCertificates certificate, Instant now) {
        return certificate.expired(now.plus(RENEW_BEFORE_EXPIRY));
    }

    private static boolean isUsable(
            KeyAndCertificates found, CertificateSubject subject, KeyAndCertificates authority, Instant now) {
        if (isDue(found, now) || !found.covers(subject)) {
            return false;
        }
        try {
            found.certificate().verify(authority.certificate().getPublicKey());
            return true;
        } catch (GeneralSecurityException _) {
            return false; // signed by another authority
        }
    }

    private Optional<KeyAndCertificates> read(String stem) {
        Path certificate = directory.resolve(stem + ".crt");
        Path key = directory.resolve(stem + ".key");
        if (!Files.exists(certificate) || !Files.exists(key)) {
            return Optional.empty();
        }
        try {
            return Optional.of(KeyAndCertificates.read(certificate, key));
        } catch (UnusableCertificateException _) {
            return Optional.empty(); // unusable files are replaced
        }
    }

    private KeyAndCertificates write(String stem, KeyAndCertificates made) throws IOException {
        CertificateStore.writeSecret(directory.resolve(stem + ".key"), PrivateKeys.pem(made.key()));
        CertificateStore.writePublic(directory.resolve(stem + ".crt"), Certificates.pem(made.chain()));
        return made;
    }
}
