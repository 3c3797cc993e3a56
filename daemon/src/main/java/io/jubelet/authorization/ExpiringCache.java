/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
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
 * A cache of limited size whose entries expire; when it is full, the least recently used entry is
 * removed. Keys are stored as hashes, because they can be long or secret. Safe for use by many
 * threads.
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

    /** Returns the value of a key, unless it has expired. */
    Optional<T> get(String key, Instant now) {
        String hash = hash(key);
        lock.lock();
        try {
            Entry<T> entry = entries.get(hash);
            if (entry == null) {
                return Optional.empty();
            }
            if (now.isBefore(entry.expiresAt())) {
                return Optional.of(entry.value());
            }
            entries.remove(hash);
            return Optional.empty();
        } finally {
            lock.unlock();
        }
    }

    /** Puts a value that is valid before {@code expiresAt}. */
    void put(String key, T value, Instant expiresAt) {
        Objects.requireNonNull(value, "value");
        String hash = hash(key);
        lock.lock();
        try {
            entries.put(hash, new Entry<>(value, expiresAt));
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
