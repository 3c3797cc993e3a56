/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.kubeapi;

import io.jubelet.certificate.Certificates;
import io.jubelet.certificate.KeyAndCertificates;
import io.jubelet.certificate.PemText;
import io.jubelet.certificate.TrustPolicy;
import io.jubelet.certificate.UnusableCertificateException;
import io.jubelet.document.SmallFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * The contents of a kubeconfig and of the files that it names, at one moment. Immutable.
 *
 * @param config the kubeconfig
 * @param authority the authorities in PEM; empty for those of the system
 * @param trust the authorities
 * @param certificate the client certificate
 * @param token the token of the kubeconfig or of its token file
 * @param fileStamps the state of all files that were read; empty for a missing file
 */
record LoadedKubeconfig(
        Kubeconfig config,
        Optional<PemText> authority,
        TrustPolicy trust,
        Optional<KeyAndCertificates> certificate,
        Optional<String> token,
        Map<Path, String> fileStamps) {

    /** The largest kubeconfig, in bytes: some hundred clusters with their certificates. */
    static final int MAX_BYTES = 1 << 20;

    LoadedKubeconfig {
        Objects.requireNonNull(config, "config");
        Objects.requireNonNull(authority, "authority");
        Objects.requireNonNull(trust, "trust");
        Objects.requireNonNull(certificate, "certificate");
        Objects.requireNonNull(token, "token");
        fileStamps = Map.copyOf(fileStamps);
    }

    /**
     * Reads a kubeconfig and its files. Blocks.
     *
     * @param rotated the file of rotated certificates; need not exist
     * @throws IllegalArgumentException when the kubeconfig is invalid; the message lists all errors
     */
    static LoadedKubeconfig read(Path file, Optional<Path> rotated, Instant now) throws IOException {
        Map<Path, String> fileStamps = new HashMap<>();
        stamp(file, fileStamps);
        Kubeconfig config = KubeconfigParser.parse(file, content(file));
        Optional<PemText> authority = pem(config, config.authority(), "certificate-authority-data", fileStamps);
        Optional<PemText> certificate = pem(config, config.user().certificate(), "client-certificate-data", fileStamps);
        Optional<PemText> key = pem(config, config.user().key(), "client-key-data", fileStamps);
        Optional<KeyAndCertificates> configured = certificate.isPresent() && key.isPresent()
                ? Optional.of(KeyAndCertificates.of(certificate.get(), key.get()))
                : Optional.empty();
        TrustPolicy trust = config.insecure()
                ? new TrustPolicy.Insecure()
                : authority.isEmpty()
                        ? new TrustPolicy.SystemRoots()
                        : new TrustPolicy.Authorities(Certificates.read(authority.get()));
        Optional<String> token = Optional.empty();
        if (config.user().tokenFile().isPresent()) {
            token = Optional.of(token(config.user().tokenFile().get(), fileStamps));
        } else if (config.user().token().isPresent()) {
            token = Optional.of(BearerToken.require(
                    "the token in " + file, config.user().token().get()));
        }
        Path source =
                config.user().certificate().orElse(null) instanceof Kubeconfig.Content.InFile(Path path) ? path : file;
        return new LoadedKubeconfig(
                config, authority, trust, select(configured, source, rotated, fileStamps, now), token, fileStamps);
    }

    private static byte[] content(Path file) throws IOException {
        try {
            return SmallFile.read(file, MAX_BYTES);
        } catch (NoSuchFileException e) {
            throw new UnusableCertificateException("no kubeconfig " + file, e);
        }
    }

    private static String token(Path file, Map<Path, String> fileStamps) throws IOException {
        stamp(file, fileStamps);
        byte[] content;
        try {
            content = SmallFile.read(file, BearerToken.MAX_CHARS + 2); // with the end of a line
        } catch (NoSuchFileException e) {
            throw new UnusableCertificateException("no token file " + file, e);
        }
        String token = new String(content, StandardCharsets.UTF_8).strip();
        return BearerToken.require(file.toString(), token);
    }

    /**
     * Selects between the certificate of the kubeconfig and the rotated one: a valid one first,
     * then the one that was written last. A user that renews the certificate of the kubeconfig
     * wants it to be used.
     */
    private static Optional<KeyAndCertificates> select(
            Optional<KeyAndCertificates> configured,
            Path file,
            Optional<Path> rotated,
            Map<Path, String> fileStamps,
            Instant now)
            throws IOException {
        if (configured.isEmpty() || rotated.isEmpty()) {
            return configured;
        }
        stamp(rotated.get(), fileStamps);
        if (!Files.exists(rotated.get())) {
            return configured;
        }
        KeyAndCertificates rotatedCertificate;
        try {
            rotatedCertificate = KeyAndCertificates.read(rotated.get(), rotated.get());
        } catch (UnusableCertificateException e) {
            if (configured.get().expired(now)) {
                throw e;
            }
            return configured;
        }
        boolean rotatedIsValid = !rotatedCertificate.expired(now);
        if (rotatedIsValid != configured.get().expired(now)) { // both or neither
            boolean later = Files.getLastModifiedTime(rotated.get()).compareTo(Files.getLastModifiedTime(file)) >= 0;
            return later ? Optional.of(rotatedCertificate) : configured;
        }
        return rotatedIsValid ? Optional.of(rotatedCertificate) : configured;
    }

    private static Optional<PemText> pem(
            Kubeconfig config, Optional<Kubeconfig.Content> content, String field, Map<Path, String> fileStamps)
            throws IOException {
        if (content.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(
                switch (content.get()) {
                    case Kubeconfig.Content.Inline inline -> new PemText(field + " in " + config.file(), inline.pem());
                    case Kubeconfig.Content.InFile(Path path) -> {
                        stamp(path, fileStamps);
                        yield PemText.read(path);
                    }
                });
    }

    /** Returns whether a file has changed since it was read. */
    boolean changed() {
        Map<Path, String> now = new HashMap<>();
        fileStamps.keySet().forEach(file -> stamp(file, now));
        return !fileStamps.equals(now);
    }

    /**
     * Records the state of a file, which changes with its contents. Called before the file is read.
     */
    private static void stamp(Path file, Map<Path, String> fileStamps) {
        try {
            BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
            fileStamps.put(file, attributes.fileKey() + " " + attributes.lastModifiedTime() + " " + attributes.size());
        } catch (IOException e) {
            fileStamps.put(file, ""); // reading the file reports the error
        }
    }

    /** Returns this with a stamp that matches no file, so that everything is read again. */
    LoadedKubeconfig invalidated() {
        return new LoadedKubeconfig(config, authority, trust, certificate, token, Map.of(config.file(), "unread"));
    }

    /** Omits the token. */
    @Override
    public String toString() {
        return "KubeconfigMaterial[" + config + "]";
    }
}
