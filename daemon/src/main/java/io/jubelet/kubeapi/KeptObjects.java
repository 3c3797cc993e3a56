/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.kubeapi;

import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * The objects of a collection that are kept, by UID. When they reach the limit, others are counted
 * and skipped, so that a user of the cluster who creates very many does not exhaust the memory of
 * the node. For one thread at a time.
 */
final class KeptObjects<T> {

    /**
     * How much memory the objects occupy at most, in bytes: some thousand pods, far more than run
     * on a node.
     */
    static final long MAX_WEIGHT = 2L << 20;

    /** How much more required objects occupy at most, unless there are very many of them. */
    static final long MAX_REQUIRED_WEIGHT = 2 * MAX_WEIGHT;

    private final Retention<T> retention;
    private final Map<String, T> objects = new HashMap<>();
    private long weight;
    private long skipped;

    KeptObjects(Retention<T> retention) {
        this.retention = Objects.requireNonNull(retention, "retention");
    }

    /** Returns a copy of the objects. */
    Map<String, T> copy() {
        return Map.copyOf(objects);
    }

    /** Returns how many objects were kept. */
    int size() {
        return objects.size();
    }

    /** Returns how many objects exist and were not kept; may be off by those that changed. */
    long skipped() {
        return skipped;
    }

    /** Returns whether there is room again for objects that were skipped. */
    boolean hasRoom() {
        return weight < MAX_WEIGHT / 2;
    }

    /** Counts an object that cannot be kept. */
    void skip() {
        skipped++;
    }

    /**
     * Adds or replaces an object, if it fits.
     *
     * @param object empty if nothing of it is kept
     * @param isNew whether it has just been listed or created, rather than modified
     */
    void put(String uid, Optional<T> object, boolean isNew) {
        T before = objects.remove(uid);
        if (before != null) {
            weight -= retention.weight(before);
        }
        if (object.isEmpty()) {
            return;
        }
        boolean fits = fits(object.get());
        if (fits) {
            objects.put(uid, object.get());
            weight += retention.weight(object.get());
        }
        if (!fits && (isNew || before != null)) {
            skipped++;
        } else if (fits && !isNew && before == null) {
            skipped = Math.max(0, skipped - 1);
        }
    }

    private boolean fits(T object) {
        long after = weight + retention.weight(object);
        return after <= MAX_WEIGHT
                || (after <= MAX_WEIGHT + retention.maxRequiredWeight() && retention.isRequired(object));
    }

    /** Removes an object, which need not have been kept. */
    void remove(String uid) {
        T before = objects.remove(uid);
        if (before == null) {
            skipped = Math.max(0, skipped - 1);
        } else {
            weight -= retention.weight(before);
        }
    }
}
