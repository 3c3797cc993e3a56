/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.observed;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class RelistScheduleTest {

    private static final Duration PAUSE = Duration.ofSeconds(30);

    private final RelistSchedule schedule = new RelistSchedule(at(10));

    private static long at(double seconds) {
        return (long) (seconds * 1e9);
    }

    private Duration remaining(double now) {
        return schedule.remaining(at(now));
    }

    @Test
    void isDueAfterPeriodWithoutRequests() {
        assertEquals(Duration.ofSeconds(10), remaining(0));
        schedule.started(at(10));
        schedule.finished(at(11), PAUSE);
        assertEquals(Duration.ofSeconds(29), remaining(12));
    }

    @Test
    void waitsForQuietSecond() {
        schedule.finished(at(0), PAUSE);
        schedule.request(at(1));
        assertEquals(Duration.ofSeconds(1), remaining(1));
        schedule.request(at(1.5));
        assertEquals(Duration.ofSeconds(1), remaining(1.5));
    }

    @Test
    void waitIsBoundedDuringRequests() {
        schedule.finished(at(0), PAUSE);
        schedule.request(at(1));
        schedule.request(at(5.5));
        assertEquals(Duration.ofMillis(500), remaining(5.5));
        schedule.request(at(7));
        assertEquals(Duration.ofSeconds(-1), remaining(7));
    }

    @Test
    void requestDuringRelistCausesAnother() {
        schedule.finished(at(0), PAUSE);
        schedule.request(at(1));
        schedule.started(at(2));
        schedule.request(at(2.5));
        schedule.finished(at(3), PAUSE);
        assertEquals(Duration.ofMillis(500), remaining(3));
    }

    @Test
    void failedRelistStaysDue() {
        schedule.finished(at(0), PAUSE);
        schedule.request(at(1));
        schedule.started(at(2));
        assertEquals(Duration.ofSeconds(-1), remaining(3));
    }

    @Test
    void isDueAtOnceOnRequest() {
        schedule.finished(at(0), PAUSE);
        schedule.requestNow(at(4));
        assertEquals(Duration.ZERO, remaining(4));
    }
}
