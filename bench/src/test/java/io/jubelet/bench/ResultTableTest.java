package io.jubelet.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class ResultTableTest {
    private final Results results = new Results();

    @Test
    void theFloorOfTheRunDecidesAndTheAbsoluteTargetIsTold() {
        results.add(Figure.START_RENAMED, Subject.FLOOR, Samples.of(200, 210, 220));
        results.add(Figure.START_RENAMED, Subject.JUBELET, Samples.of(231));
        assertEquals(Verdict.MISSED, Verdict.on(Figure.START_RENAMED, results));
        results.add(Figure.START_RENAMED, Subject.JUBELET, Samples.of(229));
        assertEquals(Verdict.MET_RELATIVELY, Verdict.on(Figure.START_RENAMED, results));
        results.add(Figure.START_RENAMED, Subject.JUBELET, Samples.of(160, 170, 170));
        assertEquals(Verdict.MET, Verdict.on(Figure.START_RENAMED, results));
    }

    @Test
    void withoutFloorTheAbsoluteTargetDecides() {
        results.add(Figure.EDIT, Subject.JUBELET, Samples.of(401));
        assertEquals(Verdict.MISSED, Verdict.on(Figure.EDIT, results));
        assertEquals(Verdict.NONE, Verdict.on(Figure.RESTART, results));
    }

    @Test
    void theSlowestRestartCounts() {
        results.add(Figure.RESTART_MAX, Subject.JUBELET, Samples.of(90, 91, 300));
        assertEquals(Verdict.MISSED, Verdict.on(Figure.RESTART_MAX, results));
        assertTrue(results.anyMissed());
    }

    @Test
    void aFailureIsAMissedTargetAndIsTold() {
        results.fail(Figure.RSS_0, Subject.JUBELET, "it ended");
        assertEquals("""
                what             unit  floor  jubelet  target     verdict
                RSS after start  MiB          failed   <= 73 MiB  MISSED
                failed: jubelet, RSS after start: it ended
                """, ResultTable.render(results));
    }

    @Test
    void theTableShowsTheMedianAndTheRange() {
        results.add(Figure.MANY_30, Subject.FLOOR, Samples.of(4));
        results.add(Figure.MANY_30, Subject.JUBELET, Samples.of(4.5, 4.1, 4.4));
        results.add(Figure.MANY_30, Subject.KUBELET, Samples.of(7.25));
        assertEquals("""
                what                            unit  floor  jubelet           target           verdict  kubelet
                30 pods at once -> all started  s     4.00   4.40 (4.10-4.50)  <= 1.15 x floor  met      7.25
                """, ResultTable.render(results));
        assertFalse(results.anyMissed());
    }
}
