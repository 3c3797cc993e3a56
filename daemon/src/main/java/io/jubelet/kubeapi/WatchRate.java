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

    private long since = System.nanoTime();
    private long bytesBefore;
    private int events;

    /**
     * Counts an event; waits for the next second if this one had enough.
     *
     * @param bytes how many bytes the watch has read so far
     */
    void await(long bytes) throws InterruptedException {
        events++;
        long now = System.nanoTime();
        if (now - since >= SECOND || bytes < bytesBefore) {
            begin(now, bytes);
        } else if (events >= MAX_EVENTS_PER_SECOND || bytes - bytesBefore >= MAX_BYTES_PER_SECOND) {
            Thread.sleep(Duration.ofNanos(SECOND - (now - since)));
            begin(System.nanoTime(), bytes);
        }
    }

    private void begin(long now, long bytes) {
        since = now;
        bytesBefore = bytes;
        events = 0;
    }
}
