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

    private record Entry<T>(T value, Instant expiresAt) {}

    private final int maxEntries;
    private final ReentrantLock lock = new ReentrantLock();
    /** Guarded by the lock. */
    private final LinkedHashMap<String, Entry<T>> entries = new LinkedHashMap<>(16, 0.75f, true);

    ExpiringCache(int maxEntries) {
        this.maxEntries = maxEntries;
    }

    /** What was answered, if that still counts. */
    Optional<T> get(String question, Instant now) {
        String key = hash(question);
        lock.lock();
        try {
            Entry<T> entry = entries.get(key);
            if (entry == null) {
                return Optional.empty();
            }
            if (now.isBefore(entry.expiresAt())) {
                return Optional.of(entry.value());
            }
            entries.remove(key);
            return Optional.empty();
        } finally {
            lock.unlock();
        }
    }

    /** Notes an answer. */
    void put(String question, T value, Instant expiresAt) {
        Objects.requireNonNull(value, "value");
        String key = hash(question);
        lock.lock();
        try {
            entries.put(key, new Entry<>(value, expiresAt));
            while (entries.size() > maxEntries) {
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
