package io.jubelet.images;

import java.util.LinkedHashMap;

/** A map that keeps what was put into it last. What is forgotten can be asked for again. For one thread at a time. */
final class BoundedCache<K, V> {

    private static final int MOST = 256;

    private final LinkedHashMap<K, V> entries = new LinkedHashMap<>();

    /** Null when it is not known, or not any more. */
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
