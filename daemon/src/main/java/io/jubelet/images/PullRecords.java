package io.jubelet.images;

import io.jubelet.credentials.Credential;
import io.jubelet.credentials.ImagePullSecrets;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
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
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Remembers with whose credentials images were pulled, so that a pod does not get an image for nothing that another one
 * had to show a Secret for.
 *
 * <p>Source: the kubelet's image pull manager, its files below {@code image_manager} and its decisions. A pull leaves an
 * intent before it begins, and a record when it ends, so an image that a crashed daemon had asked for is not taken for one
 * that was there before. Other than there, Secrets match by what they say and not by their names: those of files have no UID.
 *
 * <p>Files are read once, when the first image is found; from then on a question is answered from memory. Nothing is forced
 * to the disk: what a crash of the machine loses is asked for again. Safe for use by many threads; blocks for small files.
 */
public final class PullRecords {

    private static final Logger LOG = LoggerFactory.getLogger(PullRecords.class);

    private final Path pulling;
    private final Path pulled;
    private final VerificationPolicy policy;
    private final ReentrantLock lock = new ReentrantLock();
    /** Guarded by the lock, as are the others; null before the files were read. By what the runtime calls the image. */
    private Map<String, PullRecord> records;

    /** How many pulls go on, or were broken off, by complete reference. */
    private final Map<String, Integer> intents = new HashMap<>();

    /** Says whether a pod has to show that it may have an image that is there. */
    @FunctionalInterface
    public interface VerificationPolicy {

        /**
         * Whether it has to.
         *
         * @param repository complete name of the image, without tag and digest
         * @param ours whether it is known that we pulled it
         */
        boolean requiresVerification(String repository, boolean ours);
    }

    /** @param directory for the files; it need not exist, and is made with the first pull */
    public PullRecords(Path directory, VerificationPolicy policy) {
        this.pulling = directory.resolve("pulling");
        this.pulled = directory.resolve("pulled");
        this.policy = Objects.requireNonNull(policy, "policy");
    }

    /** Whether a pod with these Secrets may have an image that is there without asking its registry. */
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
                    "image={} has to be asked for again, for it is not known who may have it: {}",
                    reference,
                    e.toString());
            return false;
        } finally {
            lock.unlock();
        }
    }

    /** Whether somebody may not have an image that is there: then one pod's knowledge of it is not another's. */
    boolean isRestricted(String reference, String id) {
        return !permits(reference, id, ImagePullSecrets.NONE);
    }

    /**
     * A pull begins.
     *
     * @throws IOException when that cannot be noted; then it must not begin
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

    /** A pull has ended without an image. */
    void recordFailure(String reference) {
        lock.lock();
        try {
            removeIntent(reference);
        } catch (IOException e) {
            LOG.warn("image={} the note of its pull cannot be removed: {}", reference, e.toString());
        } finally {
            lock.unlock();
        }
    }

    /**
     * A pull has ended with an image.
     *
     * @param secrets that the pull could use
     * @param with what the registry took; empty for nothing
     */
    void recordPull(String reference, String id, ImagePullSecrets secrets, Optional<Credential> with, Instant now) {
        String repository = ImageReference.repository(reference);
        boolean ofPod = with.isPresent() && secrets.credentials(repository).contains(with.get());
        PullRecord.Access access =
                ofPod ? new PullRecord.Access(false, Set.of(hash(with.get()))) : new PullRecord.Access(true, Set.of());
        lock.lock();
        try {
            PullRecord before = records().get(id);
            PullRecord after = (before == null ? PullRecord.of(id) : before).with(repository, access, now);
            if (!after.equals(before)) {
                write(pulled.resolve(name(id)), after.json());
                records.put(id, after);
            }
            removeIntent(reference);
        } catch (IOException e) {
            // The intent stays, so the image is not taken for one that everybody may have.
            LOG.warn("image={} it cannot be noted who may have it: {}", reference, e.toString());
        } finally {
            lock.unlock();
        }
    }

    /**
     * Forgets images that are gone.
     *
     * @param ids what is there
     * @param since when that was asked; what was pulled later stays
     */
    public void retainAll(Set<String> ids, Instant since) {
        lock.lock();
        try {
            for (PullRecord record : Set.copyOf(records().values())) {
                if (!ids.contains(record.id()) && record.updated().isBefore(since)) {
                    Files.deleteIfExists(pulled.resolve(name(record.id())));
                    records.remove(record.id());
                }
            }
        } catch (IOException e) {
            LOG.warn("notes of images that are gone cannot be removed: {}", e.toString());
        } finally {
            lock.unlock();
        }
    }

    /** Whether there is anything to forget. */
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

    /** Of all that a registry is shown; each part with its length, so that no two credentials have the same. */
    private static String hash(Credential credential) {
        StringBuilder all = new StringBuilder();
        for (String part : new String[] {credential.username(), credential.password(), credential.identityToken()}) {
            all.append(part.length()).append(':').append(part);
        }
        return hex(all.toString().getBytes(StandardCharsets.UTF_8));
    }

    private static String hex(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has it", e);
        }
    }
}
