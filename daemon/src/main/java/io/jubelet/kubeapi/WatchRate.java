/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.kubeapi;

import java.time.Duration;

/**
 * Limits how fast a watch is read, so that events that are sent without end occupy only a part of a
 * processor. For one thread.
 */
final class WatchRate {

    /** The largest number of events in a second; a node with 110 pods has some tens. */
    static final int MAX_EVENTS_PER_SECOND = 500;

    /** The largest number of bytes in a second. */
    static final long MAX_BYTES_PER_SECOND = 8L << 20;

    private static final long SECOND = Duration.ofSeconds(1).toNanos();

    private long since;
    private long bytesBefore;
    private int events;

    /** @param now the {@link System#nanoTime} */
    WatchRate(long now) {
        this.since = now;
    }

    /**
     * Counts an event; returns how long to wait before the next one is read.
     *
     * @param bytes how many bytes the watch has read so far
     * @param now the {@link System#nanoTime}
     */
    Duration pause(long bytes, long now) {
        events++;
        if (now - since >= SECOND) {
            begin(now, bytes);
            return Duration.ZERO;
        }
        if (events < MAX_EVENTS_PER_SECOND && bytes - bytesBefore < MAX_BYTES_PER_SECOND) {
            return Duration.ZERO;
        }
        long rest = SECOND - (now - since);
        begin(now + rest, bytes);
        return Duration.ofNanos(rest);
    }

    private void begin(long now, long bytes) {
        since = now;
        bytesBefore = bytes;
        events = 0;
    }
}
