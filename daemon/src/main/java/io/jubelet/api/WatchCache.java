/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.api;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.jubelet.status.StatusSnapshot;
import io.jubelet.status.StatusStore;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The objects of one kind, serialised once for all watchers of them.
 *
 * <p>A {@link Frame} is the state at one moment; consecutive frames share the objects that did not
 * change. The JSON of an object is kept only while the object is in the newest frame, so a watcher
 * that lags behind keeps references to objects of the store alive, and no text. Without watchers
 * nothing is kept. Safe for use by many threads.
 *
 * @param <T> an immutable object
 */
final class WatchCache<T> {

    /**
     * How many bytes of JSON are kept, 2 MiB: three times what 110 ordinary pods need. What is
     * beyond is serialised anew for each watcher, straight into its response.
     */
    static final int MAX_SHARED_BYTES = 2 << 20;

    /**
     * What is watched.
     *
     * @param <T> an immutable object
     */
    interface Kind<T> {

        /** The objects as they are in a snapshot, in any order. */
        List<T> items(StatusSnapshot snapshot);

        /** Identifies an object over time. Watchers see the objects in this order. */
        String key(T item);

        /** Whether two objects with the same key have the same JSON. */
        boolean same(T old, T item);

        void write(JsonGenerator out, T item) throws IOException;
    }

    /** An object of a frame. Its JSON disappears when a newer frame has another version of it. */
    static final class Item<T> {

        private final String key;
        private final T value;
        private final long revision;
        private final byte[] digest;
        private volatile byte @Nullable [] json;

        private Item(String key, T value, long revision, byte[] digest, byte @Nullable [] json) {
            this.key = key;
            this.value = value;
            this.revision = revision;
            this.digest = digest;
            this.json = json;
        }

        String key() {
            return key;
        }

        T value() {
            return value;
        }

        /** Changes when the JSON of the object changes. */
        long revision() {
            return revision;
        }
    }

    /**
     * All objects at one moment.
     *
     * @param version of the snapshot that they come from
     * @param items ordered by their keys
     */
    record Frame<T>(long version, List<Item<T>> items) {}

    private final StatusStore board;
    private final JsonFactory factory;
    private final Kind<T> kind;
    private final ReentrantLock lock = new ReentrantLock();
    /** Guarded by the lock, as the fields below are. */
    private int watchers;

    private Frame<T> newest = new Frame<>(-1, List.of());
    private int sharedBytes;
    private long revisions;

    WatchCache(StatusStore board, JsonFactory factory, Kind<T> kind) {
        this.board = board;
        this.factory = factory;
        this.kind = kind;
    }

    /** Announces a watcher. */
    void open() {
        lock.lock();
        try {
            watchers++;
        } finally {
            lock.unlock();
        }
    }

    /** Ends what {@link #open} began; the last watcher takes everything with it. */
    void close() {
        lock.lock();
        try {
            watchers--;
            if (watchers == 0) {
                clear();
            }
        } finally {
            lock.unlock();
        }
    }

    /**
     * Returns the objects as they are now.
     *
     * @param reload whether to look even if no change was signalled
     * @throws InterruptedException if the thread is interrupted while another one looks
     */
    Frame<T> frame(boolean reload) throws IOException, InterruptedException {
        lock.lockInterruptibly();
        try {
            if (reload || newest.version() != board.version()) {
                boolean complete = false;
                try {
                    newest = next(board.snapshot());
                    complete = true;
                } finally {
                    if (!complete) {
                        clear();
                    }
                }
            }
            return newest;
        } finally {
            lock.unlock();
        }
    }

    private void clear() {
        newest = new Frame<>(-1, List.of());
        sharedBytes = 0;
    }

    /** Writes the JSON of an object, which may belong to an older frame. */
    void write(Item<T> item, OutputStream out) throws IOException {
        byte[] json = item.json;
        if (json != null) {
            out.write(json);
        } else {
            serialise(item.value, out);
        }
    }

    private Frame<T> next(StatusSnapshot snapshot) throws IOException {
        List<T> values = kind.items(snapshot);
        Map<String, Item<T>> before = HashMap.newHashMap(newest.items().size());
        for (Item<T> item : newest.items()) {
            before.put(item.key, item);
        }
        Map<String, Item<T>> gone = new HashMap<>(before);
        for (T value : values) {
            gone.remove(kind.key(value));
        }
        for (Item<T> item : gone.values()) {
            forget(item);
        }
        List<Item<T>> now = new ArrayList<>(values.size());
        for (T value : values) {
            String key = kind.key(value);
            Item<T> old = before.get(key);
            boolean same = old != null && (old.value == value || kind.same(old.value, value));
            now.add(same && old != null ? old : changed(key, value, old));
        }
        now.sort(Comparator.comparing(Item::key));
        return new Frame<>(snapshot.version(), now);
    }

    private Item<T> changed(String key, T value, @Nullable Item<T> old) throws IOException {
        int oldBytes = old == null || old.json == null ? 0 : old.json.length;
        Collector collector = new Collector(MAX_SHARED_BYTES - sharedBytes + oldBytes);
        serialise(value, collector);
        byte[] digest = collector.digest();
        byte[] json = collector.bytes();
        if (old != null) {
            forget(old);
        }
        sharedBytes += json == null ? 0 : json.length;
        long revision = old != null && Arrays.equals(old.digest, digest) ? old.revision : ++revisions;
        return new Item<>(key, value, revision, digest, json);
    }

    private void forget(Item<T> superseded) {
        byte[] json = superseded.json;
        if (json != null) {
            sharedBytes -= json.length;
            superseded.json = null;
        }
    }

    private void serialise(T value, OutputStream into) throws IOException {
        try (JsonGenerator out = factory.createGenerator(into)) {
            kind.write(out, value);
        }
    }

    /** Hashes what is written, and keeps it unless it is too long. */
    private static final class Collector extends OutputStream {

        private final MessageDigest hash;
        private final int limit;
        private @Nullable ByteArrayOutputStream kept = new ByteArrayOutputStream(4096);

        Collector(int limit) {
            this.limit = limit;
            try {
                this.hash = MessageDigest.getInstance("SHA-256");
            } catch (NoSuchAlgorithmException e) {
                throw new IllegalStateException("every JDK has SHA-256", e);
            }
        }

        @Override
        public void write(int b) {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) {
            hash.update(bytes, offset, length);
            if (kept != null && length > limit - kept.size()) {
                kept = null;
            }
            if (kept != null) {
                kept.write(bytes, offset, length);
            }
        }

        byte[] digest() {
            return hash.digest();
        }

        /** What was written; null if it is too long. */
        byte @Nullable [] bytes() {
            return kept == null ? null : kept.toByteArray();
        }
    }
}
