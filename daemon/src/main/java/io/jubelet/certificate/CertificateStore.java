/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.certificate;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyPair;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The certificates of one purpose in a directory, with the layout of the kubelet: {@code
 * PREFIX-DATE.pem} holds a certificate and its key, {@code PREFIX-current.pem} is a link to the
 * newest of them. {@code PREFIX.key.tmp} is the key of a pending request.
 *
 * <p>A daemon that is killed at any point finds the old certificate or the new one, and the
 * pending key until the new certificate is in place. For one thread; other threads may read {@link
 * #currentFile}.
 */
public final class CertificateStore {

    private static final FileAttribute<Set<PosixFilePermission>> OWNER_ONLY =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
    private static final FileAttribute<Set<PosixFilePermission>> DIRECTORY =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));
    private static final DateTimeFormatter DATE =
            DateTimeFormatter.ofPattern("yyyy-MM-dd-HH-mm-ss", Locale.ROOT).withZone(ZoneOffset.UTC);
    private static final String PUBLIC_KEY = "PUBLIC KEY";

    /** The current certificate, and its predecessor for readers that still have it open. */
    private static final int MAX_FILES = 2;

    private final Path directory;
    private final String prefix;

    /**
     * @param directory the directory; created when the first file is written
     * @param prefix such as {@code kubelet-client}
     */
    public CertificateStore(Path directory, String prefix) {
        this.directory = Objects.requireNonNull(directory, "directory").toAbsolutePath();
        this.prefix = Objects.requireNonNull(prefix, "prefix");
    }

    /**
     * Returns the link to the current certificate and its key; it does not exist before the first
     * one.
     */
    public Path currentFile() {
        return directory.resolve(prefix + "-current.pem");
    }

    /**
     * Returns the current certificate, whether it is still valid or not; empty when there is none
     * yet. Blocks.
     */
    public Optional<KeyAndCertificates> current() throws UnusableCertificateException {
        Path current = currentFile();
        return Files.exists(current) ? Optional.of(KeyAndCertificates.read(current, current)) : Optional.empty();
    }

    /**
     * Returns the key for the next certificate request: that of a pending request, or else a new
     * one. Blocks.
     */
    public KeyPair pendingKey() throws IOException {
        Optional<KeyPair> existing = existingKey();
        if (existing.isPresent()) {
            return existing.get();
        }
        KeyPair keys = PrivateKeys.generate();
        writeSecret(
                keyFile(),
                PrivateKeys.pem(keys.getPrivate())
                        + PemText.block(PUBLIC_KEY, keys.getPublic().getEncoded()));
        return keys;
    }

    private Optional<KeyPair> existingKey() throws IOException {
        if (!Files.exists(keyFile())) {
            return Optional.empty();
        }
        try {
            KeyPair keys = PrivateKeys.readPair(PemText.read(keyFile()));
            Optional<KeyAndCertificates> current = current();
            boolean used = current.isPresent()
                    && PrivateKeys.match(
                                    keys.getPrivate(),
                                    current.get().certificate().getPublicKey())
                            .orElse(false);
            return used ? Optional.empty() : Optional.of(keys);
        } catch (UnusableCertificateException _) {
            return Optional.empty(); // the key or the certificate is unusable: generate a new key
        }
    }

    /** Deletes the pending key, because its request will not be signed. */
    public void deletePendingKey() throws IOException {
        Files.deleteIfExists(keyFile());
    }

    /** Makes a certificate the current one, durably. Blocks. */
    public void save(KeyAndCertificates certificate, Instant now) throws IOException {
        Path file = directory.resolve(prefix + "-" + DATE.format(now) + ".pem");
        writeSecret(file, certificate.pem());
        Path link = directory.resolve(prefix + "-updated.pem");
        Files.deleteIfExists(link); // left by a daemon that was killed here
        Files.createSymbolicLink(link, file);
        Files.move(link, currentFile(), StandardCopyOption.ATOMIC_MOVE);
        force(directory);
        deletePendingKey();
        removeOld();
    }

    /** Removes only files that this store wrote. A link to an older one is left dangling. */
    private void removeOld() throws IOException {
        List<Path> dated;
        try (Stream<Path> files = Files.list(directory)) {
            dated = files.filter(this::isDated).sorted().toList();
        }
        for (Path old : dated.subList(0, Math.max(0, dated.size() - MAX_FILES))) {
            Files.deleteIfExists(old);
        }
    }

    private boolean isDated(Path file) {
        String name = file.getFileName().toString();
        return name.length() == prefix.length() + "-2006-01-02-15-04-05.pem".length()
                && name.startsWith(prefix + "-")
                && name.substring(prefix.length() + 1)
                                .chars()
                                .filter(c -> c >= '0' && c <= '9')
                                .count()
                        == 14
                && Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS);
    }

    private Path keyFile() {
        return directory.resolve(prefix + ".key.tmp");
    }

    /**
     * Writes a file that only its owner can read, atomically and durably; creates its directory.
     * Blocks.
     */
    public static void writeSecret(Path file, String text) throws IOException {
        write(file.toAbsolutePath(), text, OWNER_ONLY);
    }

    /** Writes a file as {@link #writeSecret} does, readable by everyone. */
    static void writePublic(Path file, String text) throws IOException {
        write(
                file.toAbsolutePath(),
                text,
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-r--r--")));
    }

    private static void write(Path file, String text, FileAttribute<Set<PosixFilePermission>> permissions)
            throws IOException {
        Path parent = Objects.requireNonNull(file.getParent(), "parent");
        try {
            Files.createDirectories(parent, DIRECTORY);
        } catch (FileAlreadyExistsException e) {
            throw new IOException(parent + " is not a directory", e);
        }
        Path fresh = parent.resolve("." + file.getFileName() + ".new");
        Files.deleteIfExists(fresh);
        try (FileChannel channel =
                FileChannel.open(fresh, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), permissions)) {
            ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            channel.force(true);
        }
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
        force(parent);
    }

    private static void force(Path path) throws IOException {
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }
}
