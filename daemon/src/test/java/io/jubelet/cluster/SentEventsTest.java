/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.events.Event;
import io.jubelet.events.EventRecorder;
import io.jubelet.pod.PodName;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class SentEventsTest {

    private static final PodName WEB = new PodName("default", "web");

    private final EventRecorder events = new EventRecorder(() -> Instant.EPOCH, () -> {});
    private final SentEvents sent = new SentEvents();

    private void happen(int from, int to) {
        for (int i = from; i < to; i++) {
            events.normal(WEB, "uid", "app", "Started", "Container started " + i);
        }
    }

    private void sendAll() {
        sent.update(events.snapshot());
        events.all().forEach(sent::markSent);
    }

    @Test
    void whatIsSentWhileItIsKeptIsNotLost() {
        happen(0, 40);
        sendAll();
        happen(40, 80);
        sendAll();
        happen(80, 120);
        sendAll();
        assertEquals(0, sent.takeLost());
    }

    @Test
    void whatWaitedAndIsKeptNoMoreIsLost() {
        happen(0, 10);
        sendAll();
        happen(10, 40);
        sent.update(events.snapshot());
        assertEquals(0, sent.takeLost());
        happen(40, 90); // those kept are 40 to 89
        sent.update(events.snapshot());
        assertEquals(30, sent.takeLost());
        assertEquals(0, sent.takeLost());
        sendAll();
        assertEquals(0, sent.takeLost());
    }

    @Test
    void whatCameAndWentBeforeAnybodyLookedIsLost() {
        happen(0, EventRecorder.MAX_EVENTS_PER_POD + 30);
        sent.update(events.snapshot());
        assertEquals(30, sent.takeLost());
    }

    @Test
    void whatHappensAgainIsSentAgainButIsNoOther() {
        happen(0, 1);
        sendAll();
        Event first = events.all().getFirst();
        assertTrue(sent.isUpToDate(first));
        happen(0, 1);
        Event again = events.all().getFirst();
        assertFalse(sent.isUpToDate(again));
        assertTrue(sent.wasSent(again));
        sendAll();
        assertTrue(sent.isUpToDate(again));
        assertEquals(0, sent.takeLost());
    }
}
