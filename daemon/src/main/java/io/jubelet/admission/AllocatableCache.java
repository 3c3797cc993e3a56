/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.admission;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Remembers for a moment what pods can take of the node, because reading it takes several files, and hundreds of pods may ask
 * at once. One thread reads; while it does, the others get what was read before. Safe for use by many threads.
 */
final class AllocatableCache {

    /**
     * How long an answer counts, by the steady clock. Processors, disks and huge pages change rarely, and an administrator who
     * adds some does not notice a second.
     */
    static final Duration LIFE = Duration.ofSeconds(1);

    private final Supplier<Map<String, Long>> source;
    private final LongSupplier nanoTime;
    private final ReentrantLock reading = new ReentrantLock();
    private volatile @Nullable Answer last;

    private record Answer(Map<String, Long> resources, long at) {}

    /**
     * @param source reads the amounts; may block
     * @param nanoTime a steady clock, as {@link System#nanoTime}
     */
    AllocatableCache(Supplier<Map<String, Long>> source, LongSupplier nanoTime) {
        this.source = source;
        this.nanoTime = nanoTime;
    }

    /** The amounts, at most {@link #LIFE} old, unless another thread is reading them just now. Blocks for the first answer. */
    Map<String, Long> get() {
        Answer known = last;
        if (known != null && current(known)) {
            return known.resources();
        }
        if (known == null) {
            reading.lock();
        } else if (!reading.tryLock()) {
            return known.resources();
        }
        try {
            Answer meanwhile = last;
            if (meanwhile != null && current(meanwhile)) {
                return meanwhile.resources();
            }
            Answer now = new Answer(Map.copyOf(source.get()), nanoTime.getAsLong());
            last = now;
            return now.resources();
        } finally {
            reading.unlock();
        }
    }

    private boolean current(Answer answer) {
        return nanoTime.getAsLong() - answer.at() < LIFE.toNanos();
    }
}
