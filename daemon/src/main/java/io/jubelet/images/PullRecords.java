/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.images;

import io.jubelet.credentials.Credential;
import io.jubelet.credentials.ImagePullSecrets;
import io.jubelet.document.FileProblem;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Records which credentials images were pulled with, so that a pod cannot use an image without the
 * credentials that another pod had to present.
 *
 * <p>Source: the kubelet's image pull manager, its files below {@code image_manager} and its
 * decisions. A pull writes an intent before it starts and a record at its end, so that an image
 * that a killed daemon was pulling does not count as preloaded. Unlike in the kubelet, Secrets
 * match by content and not by UID, because Secrets from files have none.
 *
 * <p>Files are read once, when the first image is checked. They are not forced to disk: what a
 * machine loses in a crash is pulled again. Safe for use by many threads; blocks for small files.
 */
public final class PullRecords {

    private static final Logger LOG = LoggerFactory.getLogger(PullRecords.class);

    private final Path pulling;
    private final Path pulled;
    private final VerificationPolicy policy;
    private final ReentrantLock lock = new ReentrantLock();
    /**
     * The records by image id; null before the files are read. Guarded by the lock, as is {@code
     * intents}.
     */
    private @Nullable Map<String, PullRecord> records;

    /** The number of running or interrupted pulls by complete reference. */
    private final Map<String, Integer> intents = new HashMap<>();

    /** Decides whether a pod must prove access to an image that is present. */
    @FunctionalInterface
    public interface VerificationPolicy {

        /**
         * Returns whether access must be verified.
         *
         * @param repository the complete name of the image, without tag and digest
         * @param ours whether the image was pulled by this daemon
         */
        boolean requiresVerification(String repository, boolean ours);
    }

    /** @param directory the directory of the files; created with the first pull */
    public PullRecords(Path directory, VerificationPolicy policy) {
        this.pulling = directory.resolve("pulling");
        this.pulled = directory.resolve("pulled");
        this.policy = Objects.requireNonNull(policy, "policy");
    }

    /** Returns whether a pod with these Secrets may use an image that is present without a pull. */
    boolean permits(String reference, String id, ImagePullSecrets secrets) {
        String repository = ImageReference.repository(reference);
        lock.lock();
        try {
            PullRecord record = records().get(id);
            if (!policy.requiresVerification(repository, record != null || intents.containsKey(reference))) {
                return true;
            }
            Optional<PullRecord.Access> access = record == null ? Optional.empty() : record.access(repository);
            return access.isPresent()
                    && (access.get().allPods()
                            || hashes(secrets, repository).stream()
                                    .anyMatch(access.get().hashes()::contains));
        } catch (IOException e) {
            LOG.warn(
                    "image={} must be pulled again, because its records cannot be read: {}",
                    reference,
                    FileProblem.of(e));
            return false;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Returns whether some pods may not use an image, so that pods cannot share the result of a
     * check.
     */
    boolean isRestricted(String reference, String id) {
        return !permits(reference, id, ImagePullSecrets.NONE);
    }

    /**
     * Records the intent to pull.
     *
     * @throws IOException when the intent cannot be written; then the pull must not start
     */
    void recordIntent(String reference) throws IOException {
        lock.lock();
        try {
            records();
            if (!intents.containsKey(reference)) {
                write(pulling.resolve(name(reference)), PullRecord.intent(reference));
            }
            intents.merge(reference, 1, Integer::sum);
        } finally {
            lock.unlock();
        }
    }

    /** Records that a pull failed. */
    void recordFailure(String reference) {
        lock.lock();
        try {
            removeIntent(reference);
        } catch (IOException e) {
            LOG.warn("image={} cannot remove the intent of its pull: {}", reference, FileProblem.of(e));
        } finally {
            lock.unlock();
        }
    }

    /**
     * Records a successful pull.
     *
     * @param secrets the Secrets that the pull could use
     * @param with the credential that the registry accepted; empty for none
     */
    void recordPull(String reference, String id, ImagePullSecrets secrets, Optional<Credential> with, Instant now) {
        String repository = ImageReference.repository(reference);
        boolean ofPod = with.isPresent() && secrets.credentials(repository).contains(with.get());
        PullRecord.Access access =
                ofPod ? new PullRecord.Access(false, Set.of(hash(with.get()))) : new PullRecord.Access(true, Set.of());
        lock.lock();
        try {
            Map<String, PullRecord> known = records();
            PullRecord before = known.get(id);
            PullRecord after = (before == null ? PullRecord.of(id) : before).with(repository, access, now);
            if (!after.equals(before)) {
                write(pulled.resolve(name(id)), after.json());
                known.put(id, after);
            }
            removeIntent(reference);
        } catch (IOException e) {
            // The intent stays, so that the image does not count as preloaded.
            LOG.warn("image={} cannot record which credentials it was pulled with: {}", reference, FileProblem.of(e));
        } finally {
            lock.unlock();
        }
    }

    /**
     * Removes the records of images that no longer exist.
     *
     * @param ids the ids of all images
     * @param since when the images were listed; later records stay
     */
    public void retainAll(Set<String> ids, Instant since) {
        lock.lock();
        try {
            Map<String, PullRecord> known = records();
            for (PullRecord record : Set.copyOf(known.values())) {
                if (!ids.contains(record.id()) && record.updated().isBefore(since)) {
                    Files.deleteIfExists(pulled.resolve(name(record.id())));
                    known.remove(record.id());
                }
            }
        } catch (IOException e) {
            LOG.warn("cannot remove the records of removed images: {}", FileProblem.of(e));
        } finally {
            lock.unlock();
        }
    }

    /** Returns whether there are no records. */
    public boolean isEmpty() {
        lock.lock();
        try {
            return records != null && records.isEmpty();
        } finally {
            lock.unlock();
        }
    }

    private void removeIntent(String reference) throws IOException {
        if (intents.merge(reference, -1, Integer::sum) <= 0) {
            intents.remove(reference);
            Files.deleteIfExists(pulling.resolve(name(reference)));
        }
    }

    private Map<String, PullRecord> records() throws IOException {
        if (records == null) {
            Map<String, PullRecord> read = new HashMap<>();
            for (String text : readAll(pulled)) {
                PullRecord.parse(text).ifPresent(record -> read.put(record.id(), record));
            }
            for (String text : readAll(pulling)) {
                PullRecord.parseIntent(text).ifPresent(reference -> intents.put(reference, 0));
            }
            records = read;
        }
        return records;
    }

    private static List<String> readAll(Path directory) throws IOException {
        List<String> texts = new ArrayList<>();
        if (Files.isDirectory(directory)) {
            try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, "sha256-*")) {
                for (Path file : files) {
                    if (!file.toString().endsWith(".tmp")) {
                        texts.add(Files.readString(file));
                    }
                }
            } catch (DirectoryIteratorException e) {
                throw e.getCause();
            }
        }
        return texts;
    }

    private static void write(Path file, String text) throws IOException {
        Files.createDirectories(
                file.getParent(), PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        Path fresh = file.resolveSibling(file.getFileName() + ".tmp");
        Files.deleteIfExists(fresh);
        Files.createFile(fresh, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(fresh, text);
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
    }

    private static String name(String of) {
        return "sha256-" + hex(of.getBytes(StandardCharsets.UTF_8));
    }

    private static Set<String> hashes(ImagePullSecrets secrets, String repository) {
        return secrets.credentials(repository).stream().map(PullRecords::hash).collect(Collectors.toSet());
    }

    /**
     * Returns the hash of a credential. Each part is prefixed by its length, so that different
     * credentials have different hashes.
     */
    private static String hash(Credential credential) {
        StringBuilder all = new StringBuilder();
        String identityToken = credential.identityToken().orElse("");
        for (String part : new String[] {credential.username(), credential.password(), identityToken}) {
            all.append(part.length()).append(':').append(part);
        }
        return hex(all.toString().getBytes(StandardCharsets.UTF_8));
    }

    private static String hex(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
