package io.jubelet.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.events.EventRecorder;
import io.jubelet.events.Event;
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
        sent.look(events.kept());
        events.all().forEach(sent::add);
    }

    @Test
    void whatIsSentWhileItIsKeptIsNotLost() {
        happen(0, 40);
        sendAll();
        happen(40, 80);
        sendAll();
        happen(80, 120);
        sendAll();
        assertEquals(0, sent.lost());
    }

    @Test
    void whatWaitedAndIsKeptNoMoreIsLost() {
        happen(0, 10);
        sendAll();
        happen(10, 40);
        sent.look(events.kept());
        assertEquals(0, sent.lost());
        happen(40, 90); // those kept are 40 to 89
        sent.look(events.kept());
        assertEquals(30, sent.lost());
        assertEquals(0, sent.lost());
        sendAll();
        assertEquals(0, sent.lost());
    }

    @Test
    void whatCameAndWentBeforeAnybodyLookedIsLost() {
        happen(0, EventRecorder.MOST_OF_A_POD + 30);
        sent.look(events.kept());
        assertEquals(30, sent.lost());
    }

    @Test
    void whatHappensAgainIsSentAgainButIsNoOther() {
        happen(0, 1);
        sendAll();
        Event first = events.all().getFirst();
        assertTrue(sent.has(first));
        happen(0, 1);
        Event again = events.all().getFirst();
        assertFalse(sent.has(again));
        assertTrue(sent.knows(again));
        sendAll();
        assertTrue(sent.has(again));
        assertEquals(0, sent.lost());
    }
}
