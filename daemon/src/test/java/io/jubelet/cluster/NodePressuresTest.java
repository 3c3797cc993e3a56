/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.jubelet.cluster.NodeReport.Pressure;
import io.jubelet.config.EvictionThresholds;
import io.jubelet.node.NodeSignals.Signal;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class NodePressuresTest {

    private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");

    private static List<Signal> signals(long memory, long disk, long pids) {
        return List.of(
                new Signal("memory.available", memory << 20, 1000L << 20),
                new Signal("nodefs.available", disk, 100),
                new Signal("imagefs.available", disk, 100),
                new Signal("pid.available", pids, 1000));
    }

    @Test
    void pressureBeginsBelowAThresholdAndStaysForTheTransition() {
        NodePressures pressures = new NodePressures(EvictionThresholds.DEFAULT, Duration.ofMinutes(5));
        assertEquals(Map.of(), pressures.update(signals(100, 15, 0), NOW));
        Map<Pressure, String> memory = Map.of(Pressure.MEMORY, "memory.available fell below " + (100L << 20));
        assertEquals(memory, pressures.update(signals(99, 15, 0), NOW));
        // The same words however much is left, for the status is sent when it changes.
        assertEquals(memory, pressures.update(signals(50, 15, 0), NOW.plusSeconds(10)));
        assertEquals(memory, pressures.update(signals(500, 15, 0), NOW.plusSeconds(309)));
        assertEquals(Map.of(), pressures.update(signals(500, 15, 0), NOW.plusSeconds(310)));
    }

    @Test
    void theDiskOfImagesCountsAsDisk() {
        NodePressures pressures = new NodePressures(EvictionThresholds.DEFAULT, Duration.ofMinutes(5));
        assertEquals(
                Map.of(Pressure.DISK, "imagefs.available fell below 15"), pressures.update(signals(500, 14, 0), NOW));
    }

    @Test
    void whatHasNoThresholdIsNoPressureWhateverIsMeasured() {
        NodePressures pressures = new NodePressures(EvictionThresholds.DEFAULT, Duration.ofMinutes(5));
        assertEquals(Map.of(), pressures.update(signals(500, 15, -1), NOW));
    }

    @Test
    void inodesCountAsDisk() {
        NodePressures pressures = new NodePressures(EvictionThresholds.DEFAULT, Duration.ofMinutes(5));
        assertEquals(Map.of(), pressures.update(List.of(new Signal("imagefs.inodesFree", 50, 1000)), NOW));
        assertEquals(
                Map.of(Pressure.DISK, "imagefs.inodesFree fell below 50"),
                pressures.update(List.of(new Signal("imagefs.inodesFree", 49, 1000)), NOW));
    }

    @Test
    void processesCountWhereThereIsAThreshold() {
        NodePressures pressures =
                new NodePressures(new EvictionThresholds(Map.of("pid.available", "10%")), Duration.ofMinutes(5));
        assertEquals(Map.of(), pressures.update(signals(0, 0, 100), NOW));
        assertEquals(Map.of(Pressure.PID, "pid.available fell below 100"), pressures.update(signals(0, 0, 99), NOW));
    }
}
