/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class ResultTableTest {
    private final Results results = new Results();

    @Test
    void floorDecidesAndAbsoluteTargetIsReported() {
        results.add(Metric.START_RENAMED, Subject.FLOOR, Samples.of(200, 210, 220));
        results.add(Metric.START_RENAMED, Subject.JUBELET, Samples.of(231));
        assertEquals(TargetStatus.MISSED, TargetStatus.on(Metric.START_RENAMED, results));
        results.add(Metric.START_RENAMED, Subject.JUBELET, Samples.of(229));
        assertEquals(TargetStatus.MET_RELATIVELY, TargetStatus.on(Metric.START_RENAMED, results));
        results.add(Metric.START_RENAMED, Subject.JUBELET, Samples.of(160, 170, 170));
        assertEquals(TargetStatus.MET, TargetStatus.on(Metric.START_RENAMED, results));
    }

    @Test
    void absoluteTargetDecidesWithoutFloor() {
        results.add(Metric.EDIT, Subject.JUBELET, Samples.of(401));
        assertEquals(TargetStatus.MISSED, TargetStatus.on(Metric.EDIT, results));
        assertEquals(TargetStatus.NONE, TargetStatus.on(Metric.RESTART, results));
    }

    @Test
    void slowestRestartDecides() {
        results.add(Metric.RESTART_MAX, Subject.JUBELET, Samples.of(90, 91, 300));
        assertEquals(TargetStatus.MISSED, TargetStatus.on(Metric.RESTART_MAX, results));
        assertTrue(results.anyTargetMissed());
    }

    @Test
    void failureIsMissedTarget() {
        results.fail(Metric.RSS_0, Subject.JUBELET, "it ended");
        assertEquals("""
                what             unit  floor  jubelet  target     verdict
                RSS after start  MiB          failed   <= 73 MiB  MISSED
                failed: jubelet, RSS after start: it ended
                """, ResultTable.render(results));
    }

    @Test
    void tableShowsMedianAndRange() {
        results.add(Metric.MANY_30, Subject.FLOOR, Samples.of(4));
        results.add(Metric.MANY_30, Subject.JUBELET, Samples.of(4.5, 4.1, 4.4));
        results.add(Metric.MANY_30, Subject.KUBELET, Samples.of(7.25));
        assertEquals("""
                what                            unit  floor  jubelet           target           verdict  kubelet
                30 pods at once -> all started  s     4.00   4.40 (4.10-4.50)  <= 1.15 x floor  met      7.25
                """, ResultTable.render(results));
        assertFalse(results.anyTargetMissed());
    }
}
