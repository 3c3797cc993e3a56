package io.jubelet.authorization;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Answers that count for a while, so many at most; of more, those that were asked for longest ago are forgotten. What was asked
 * is kept as a hash: it may be long, or a secret. Safe for use by many threads.
 */
final class ExpiringCache<T> {

    private record Entry<T>(T answer, Instant until) {}

    private final int most;
    private final ReentrantLock lock = new ReentrantLock();
    /** Guarded by the lock. */
    private final LinkedHashMap<String, Entry<T>> entries = new LinkedHashMap<>(16, 0.75f, true);

    ExpiringCache(int most) {
        this.most = most;
    }

    /** What was answered, if that still counts. */
    Optional<T> answer(String question, Instant now) {
        String key = hash(question);
        lock.lock();
        try {
            Entry<T> entry = entries.get(key);
            if (entry == null) {
                return Optional.empty();
            }
            if (now.isBefore(entry.until())) {
                return Optional.of(entry.answer());
            }
            entries.remove(key);
            return Optional.empty();
        } finally {
            lock.unlock();
        }
    }

    /** Notes an answer. */
    void note(String question, T answer, Instant until) {
        Objects.requireNonNull(answer, "answer");
        String key = hash(question);
        lock.lock();
        try {
            entries.put(key, new Entry<>(answer, until));
            while (entries.size() > most) {
                entries.remove(entries.firstEntry().getKey());
            }
        } finally {
            lock.unlock();
        }
    }

    private static String hash(String text) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
