package io.jubelet.observed;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class RelistScheduleTest {

    private static final Duration PAUSE = Duration.ofSeconds(30);

    private final RelistSchedule times = new RelistSchedule(at(10));

    private static long at(double seconds) {
        return (long) (seconds * 1e9);
    }

    private Duration left(double now) {
        return times.left(at(now));
    }

    @Test
    void isDueAfterItsPauseWhenNothingIsDone() {
        assertEquals(Duration.ofSeconds(10), left(0));
        times.begin(at(10));
        times.taken(at(11), PAUSE);
        assertEquals(Duration.ofSeconds(29), left(12));
    }

    @Test
    void waitsUntilNothingWasDoneForASecond() {
        times.taken(at(0), PAUSE);
        times.ask(at(1));
        assertEquals(Duration.ofSeconds(1), left(1));
        times.ask(at(1.5));
        assertEquals(Duration.ofSeconds(1), left(1.5));
    }

    @Test
    void doesNotWaitForEverWhileMuchIsDone() {
        times.taken(at(0), PAUSE);
        times.ask(at(1));
        times.ask(at(5.5));
        assertEquals(Duration.ofMillis(500), left(5.5));
        times.ask(at(7));
        assertEquals(Duration.ofSeconds(-1), left(7));
    }

    @Test
    void whatIsDoneDuringAListAsksForAnother() {
        times.taken(at(0), PAUSE);
        times.ask(at(1));
        times.begin(at(2));
        times.ask(at(2.5));
        times.taken(at(3), PAUSE);
        assertEquals(Duration.ofMillis(500), left(3));
    }

    @Test
    void aListThatFailedStaysDue() {
        times.taken(at(0), PAUSE);
        times.ask(at(1));
        times.begin(at(2));
        assertEquals(Duration.ofSeconds(-1), left(3));
    }

    @Test
    void comesAtOnceWhenToldSo() {
        times.taken(at(0), PAUSE);
        times.atOnce(at(4));
        assertEquals(Duration.ZERO, left(4));
    }
}
