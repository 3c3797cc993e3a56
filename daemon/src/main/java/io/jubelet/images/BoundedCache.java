/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.images;

import java.util.LinkedHashMap;
import org.jspecify.annotations.Nullable;

/**
 * A map of limited size that drops the oldest entry. Values can be looked up again at the runtime.
 * For one thread at a time.
 */
final class BoundedCache<K, V> {

    private static final int MOST = 256;

    private final LinkedHashMap<K, V> entries = new LinkedHashMap<>();

    /** Returns the value of a key, or null. */
    @Nullable
    V get(K key) {
        return entries.get(key);
    }

    void put(K key, V value) {
        entries.remove(key);
        entries.put(key, value);
        if (entries.size() > MOST) {
            entries.pollFirstEntry();
        }
    }

    void remove(K key) {
        entries.remove(key);
    }
}
