/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.kubernetesapi;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.jubelet.api.ApiError;
import java.io.IOException;
import java.io.OutputStream;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The objects with their resourceVersions, and the last changes of each kind.
 *
 * <p>The objects are compared with those seen before when a client looks, so nothing is done while there is none. A version is
 * greater than all before it, those of earlier daemons included. Safe for use by many threads.
 */
final class ObjectStore {

    /**
     * How many changes of one kind are kept for clients that watch on after a short break, or that read slowly. A client that
     * needs an older one gets 410 and lists anew.
     */
    static final int MAX_CHANGES = 512;

    /**
     * How much JSON the objects of these changes may have together, in bytes, the newest change apart. The content of earlier
     * versions is kept for nothing else.
     */
    static final long MAX_CHANGE_BYTES = 4 << 20;

    /** How many states are kept for clients that read a list in parts. */
    static final int MAX_PARTIAL_LISTS = 4;

    /** How much JSON the objects of these states may have together, in bytes. */
    static final long MAX_PARTIAL_LIST_BYTES = 8 << 20;

    /** Leaves room for as many changes of one daemon. */
    private static final int START_BITS = 32;

    /** An object and the version of its last change. */
    record Item(ServedObject object, long version) {}

    /**
     * All objects of a kind at one moment.
     *
     * @param version the version of the newest change that is included
     * @param items ordered by namespace and name
     * @param bytes how much JSON they are
     */
    record Listing(long version, List<Item> items, long bytes) {
        Listing {
            items = List.copyOf(items);
        }
    }

    /**
     * A change of one object.
     *
     * @param before the object before the change; empty if it is new
     * @param now the object after the change; empty if it is gone
     */
    record Change(long version, Optional<ServedObject> before, Optional<ServedObject> now) {}

    /**
     * What a watcher sends next.
     *
     * @param changes in their order
     * @param version up to which nothing else has changed
     * @param storeVersion the version of the status store that was looked at
     */
    record Changes(List<Change> changes, long version, long storeVersion) {
        Changes {
            changes = List.copyOf(changes);
        }
    }

    private record Seen(ServedObject object, long version, Digest digest) {}

    /** The SHA-256 of the JSON of an object, and how many bytes it has. */
    private record Digest(byte[] hash, long bytes) {}

    /** @param bytes how much JSON the larger one of its objects is */
    private record Kept(Change change, long bytes) {}

    /** The objects of one kind. Guarded by its lock. */
    private static final class Collection {
        private final ReentrantLock lock = new ReentrantLock();
        private final NavigableMap<ResourceName, Seen> seen = new TreeMap<>();
        private final Deque<Kept> changes = new ArrayDeque<>();
        private long changeBytes;
        private final Deque<Listing> partialLists = new ArrayDeque<>();
        private long storeVersion = -1;
        /** The version of the last change that is not kept. */
        private long forgotten;
    }

    private final ObjectSource source;
    private final JsonFactory factory;
    private final AtomicLong versions;
    private final Map<ResourceKind, Collection> collections = new EnumMap<>(ResourceKind.class);

    /** @param starts how many daemons on this node have served this API, this one included */
    ObjectStore(ObjectSource source, JsonFactory factory, long starts) {
        this.source = source;
        this.factory = factory;
        this.versions = new AtomicLong(starts << START_BITS);
        for (ResourceKind kind : ResourceKind.values()) {
            collections.put(kind, new Collection());
        }
    }

    private Collection collection(ResourceKind kind) {
        return Objects.requireNonNull(collections.get(kind), "all kinds were added");
    }

    /** Returns the objects of a kind as they are now. */
    Listing list(ResourceKind kind) throws IOException, InterruptedException {
        Collection collection = collection(kind);
        collection.lock.lockInterruptibly();
        try {
            refresh(kind, collection);
            return listing(collection);
        } finally {
            collection.lock.unlock();
        }
    }

    private Listing listing(Collection collection) {
        List<Item> items = new ArrayList<>(collection.seen.size());
        long bytes = 0;
        for (Seen seen : collection.seen.values()) {
            items.add(new Item(seen.object(), seen.version()));
            bytes += seen.digest().bytes();
        }
        return new Listing(versions.get(), items, bytes);
    }

    /** Keeps a listing, whose first part was sent, for {@link #partialList}. */
    void keep(ResourceKind kind, Listing listing) throws InterruptedException {
        Collection collection = collection(kind);
        collection.lock.lockInterruptibly();
        try {
            collection.partialLists.removeIf(kept -> kept.version() == listing.version());
            collection.partialLists.addLast(listing);
            while (collection.partialLists.size() > MAX_PARTIAL_LISTS
                    || collection.partialLists.stream()
                                    .mapToLong(Listing::bytes)
                                    .sum()
                            > MAX_PARTIAL_LIST_BYTES) {
                collection.partialLists.removeFirst();
            }
        } finally {
            collection.lock.unlock();
        }
    }

    /**
     * Returns the objects as they were at a version.
     *
     * @throws ApiError expired, if they have changed since then and were not kept
     */
    Listing listAt(ResourceKind kind, long version) throws IOException, InterruptedException {
        Collection collection = collection(kind);
        collection.lock.lockInterruptibly();
        try {
            for (Listing kept : collection.partialLists) {
                if (kept.version() == version) {
                    return kept;
                }
            }
            refresh(kind, collection);
            long last = collection.changes.isEmpty()
                    ? collection.forgotten
                    : collection.changes.getLast().change().version();
            if (version < last || version > versions.get()) {
                throw expired(version, versions.get());
            }
            Listing now = listing(collection);
            return new Listing(version, now.items(), now.bytes());
        } finally {
            collection.lock.unlock();
        }
    }

    /** Whether a version is one that a client can have got from this daemon or an earlier one. */
    boolean isKnown(long version) {
        return version <= versions.get();
    }

    /**
     * Returns what has changed after a version.
     *
     * @throws ApiError expired, if changes since then were not kept
     */
    Changes since(ResourceKind kind, long version) throws IOException, InterruptedException {
        Collection collection = collection(kind);
        collection.lock.lockInterruptibly();
        try {
            refresh(kind, collection);
            if (version < collection.forgotten || version > versions.get()) {
                throw expired(version, collection.forgotten);
            }
            List<Change> changes = new ArrayList<>();
            for (Kept kept : collection.changes) {
                if (kept.change().version() > version) {
                    changes.add(kept.change());
                }
            }
            return new Changes(changes, versions.get(), collection.storeVersion);
        } finally {
            collection.lock.unlock();
        }
    }

    /** Waits until something may have changed, but not longer than a time. */
    void awaitChange(Changes seen, Duration atMost) throws InterruptedException {
        boolean _ = source.statuses().awaitChange(seen.storeVersion(), atMost);
    }

    private static ApiError expired(long version, long oldest) {
        return ApiError.expired("too old resource version: " + version + " (" + oldest + ")");
    }

    /** Compares the objects with those seen before. */
    private void refresh(ResourceKind kind, Collection collection) throws IOException, InterruptedException {
        long storeVersion = source.statuses().version();
        boolean first = collection.storeVersion < 0;
        // The Node is measured, which the store does not know of.
        if (storeVersion == collection.storeVersion && kind != ResourceKind.NODES) {
            return;
        }
        NavigableMap<ResourceName, ServedObject> now = new TreeMap<>();
        for (ServedObject object : source.read(kind)) {
            now.put(object.metadata().name(), object);
        }
        List<Seen> gone = new ArrayList<>();
        for (Map.Entry<ResourceName, Seen> entry : collection.seen.entrySet()) {
            if (!now.containsKey(entry.getKey())) {
                gone.add(entry.getValue());
            }
        }
        for (Seen seen : gone) {
            collection.seen.remove(seen.object().metadata().name());
            long _ = record(collection, Optional.of(seen), Optional.empty(), 0);
        }
        for (Map.Entry<ResourceName, ServedObject> entry : now.entrySet()) {
            compare(collection, entry.getKey(), entry.getValue());
        }
        if (first) {
            // Before the first look nothing was seen that a client could have missed.
            collection.changes.clear();
            collection.changeBytes = 0;
            collection.forgotten = versions.get();
        }
        collection.storeVersion = storeVersion;
    }

    private void compare(Collection collection, ResourceName name, ServedObject object) throws IOException {
        Seen before = collection.seen.get(name);
        if (before != null && before.object().isMadeOfTheSame(object)) {
            return;
        }
        Digest digest = digest(object);
        if (before != null && Arrays.equals(before.digest().hash(), digest.hash())) {
            collection.seen.put(name, new Seen(object, before.version(), digest));
            return;
        }
        Optional<Seen> old = Optional.ofNullable(before);
        String uid = object.metadata().uid();
        if (old.isPresent() && !old.get().object().metadata().uid().equals(uid)) {
            long _ = record(collection, old, Optional.empty(), 0);
            old = Optional.empty();
        }
        long version = record(collection, old, Optional.of(object), digest.bytes());
        collection.seen.put(name, new Seen(object, version, digest));
    }

    private long record(Collection collection, Optional<Seen> before, Optional<ServedObject> now, long bytesNow) {
        long version = versions.incrementAndGet();
        // The object before is usually that of an earlier change.
        long bytes =
                Math.max(bytesNow, before.map(seen -> seen.digest().bytes()).orElse(0L));
        collection.changes.addLast(new Kept(new Change(version, before.map(Seen::object), now), bytes));
        collection.changeBytes += bytes;
        while (collection.changes.size() > MAX_CHANGES
                || (collection.changes.size() > 1 && collection.changeBytes > MAX_CHANGE_BYTES)) {
            Kept oldest = collection.changes.removeFirst();
            collection.changeBytes -= oldest.bytes();
            collection.forgotten = oldest.change().version();
        }
        return version;
    }

    private Digest digest(ServedObject object) throws IOException {
        try {
            MessageDigest hash = MessageDigest.getInstance("SHA-256");
            CountingOutputStream count = new CountingOutputStream();
            try (JsonGenerator out = factory.createGenerator(new DigestOutputStream(count, hash))) {
                object.write(out, "0");
            }
            return new Digest(hash.digest(), count.bytes);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    private static final class CountingOutputStream extends OutputStream {
        private long bytes;

        @Override
        public void write(int b) {
            bytes++;
        }

        @Override
        public void write(byte[] some, int offset, int length) {
            bytes += length;
        }
    }
}
