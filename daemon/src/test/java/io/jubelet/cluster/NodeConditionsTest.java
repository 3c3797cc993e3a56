/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.cluster.NodeConditions.ApiCondition;
import io.jubelet.cluster.NodeConditions.Condition;
import io.jubelet.cluster.NodeReport.Pressure;
import io.jubelet.node.RuntimeOffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class NodeConditionsTest {

    private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
    private static final String BEFORE = "2026-03-01T11:00:00Z";

    private static NodeReport report(Map<Pressure, String> pressures, Optional<String> notReady) {
        return new NodeReport(
                List.of(),
                Map.of(),
                Map.of(),
                Map.of(),
                List.of(),
                pressures,
                List.of(),
                new NodeReport.Runtime(notReady, RuntimeOffer.NONE));
    }

    private static final NodeReport WELL = report(Map.of(), Optional.empty());

    private static Condition of(NodeConditions conditions, String type) {
        return conditions.all().stream()
                .filter(condition -> condition.type().equals(type))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void aWellNodeIsReadyInTheKubeletsWords() {
        NodeConditions conditions = NodeConditions.of(WELL, List.of(), NOW);
        assertEquals(
                List.of("MemoryPressure False", "DiskPressure False", "PIDPressure False", "Ready True"),
                conditions.all().stream()
                        .map(c -> c.type() + " " + c.statusText())
                        .toList());
        assertEquals("kubelet is posting ready status", of(conditions, "Ready").message());
        assertEquals("KubeletHasNoDiskPressure", of(conditions, "DiskPressure").reason());
    }

    @Test
    void saysWhatItIsShortOfAndWhatIsWrong() {
        NodeConditions conditions = NodeConditions.of(
                report(Map.of(Pressure.MEMORY, "memory.available fell below 100"), Optional.of("no network")),
                List.of(),
                NOW);
        assertTrue(of(conditions, "MemoryPressure").status());
        assertTrue(of(conditions, "MemoryPressure").message().contains("memory.available fell below 100"));
        assertFalse(of(conditions, "PIDPressure").status());
        assertEquals("KubeletNotReady", of(conditions, "Ready").reason());
        assertEquals("no network", of(conditions, "Ready").message());
    }

    @Test
    void theTimeOfAConditionIsThatOfItsLastChange() {
        List<ApiCondition> seen = List.of(
                new ApiCondition("MemoryPressure", "False", BEFORE),
                new ApiCondition("DiskPressure", "True", BEFORE),
                new ApiCondition("PIDPressure", "False", "no time"),
                new ApiCondition("Ready", "Unknown", BEFORE));
        NodeConditions conditions = NodeConditions.of(WELL, seen, NOW);
        assertEquals(Instant.parse(BEFORE), of(conditions, "MemoryPressure").since());
        assertEquals(NOW, of(conditions, "DiskPressure").since());
        assertEquals(NOW, of(conditions, "PIDPressure").since());
        assertEquals(NOW, of(conditions, "Ready").since());
        assertFalse(conditions.allReportedIn(seen));
        assertEquals(List.of("NodeHasNoDiskPressure", "NodeReady"), conditions.changedReasons(seen));
    }

    @Test
    void nothingIsNewsWhenTheApiServerHasAllOfItBesideWhatOthersWrote() {
        NodeConditions conditions = NodeConditions.of(WELL, List.of(), NOW);
        List<ApiCondition> seen = List.of(
                new ApiCondition("NetworkUnavailable", "True", BEFORE),
                new ApiCondition("MemoryPressure", "False", BEFORE),
                new ApiCondition("DiskPressure", "False", BEFORE),
                new ApiCondition("PIDPressure", "False", BEFORE),
                new ApiCondition("Ready", "True", BEFORE));
        assertTrue(conditions.allReportedIn(seen));
        assertEquals(4, conditions.changedReasons(List.of()).size());
    }

    @Test
    void aNodeThatWasNeverReadyHasNotBecomeUnready() {
        NodeConditions conditions = NodeConditions.of(report(Map.of(), Optional.of("no network")), List.of(), NOW);
        List<String> pressures = List.of("NodeHasSufficientMemory", "NodeHasNoDiskPressure", "NodeHasSufficientPID");
        assertEquals(pressures, conditions.changedReasons(List.of()));
        assertEquals(
                List.of(),
                conditions.changedReasons(conditions.all().stream()
                        .map(condition -> new ApiCondition(condition.type(), condition.statusText(), BEFORE))
                        .toList()));
        List<String> all = new ArrayList<>(pressures);
        all.add("NodeNotReady");
        assertEquals(all, conditions.changedReasons(List.of(new ApiCondition("Ready", "True", BEFORE))));
    }

    @Test
    void whatWasSentIsNoNewsAndKeepsItsTimesBeforeItIsSeen() {
        NodeConditions sent = NodeConditions.of(report(Map.of(), Optional.of("no network")), List.of(), NOW);
        assertTrue(sent.allReportedIn(sent.asApiConditions()));
        NodeConditions next = NodeConditions.of(WELL, sent.asApiConditions(), NOW.plusSeconds(1));
        assertEquals(List.of("NodeReady"), next.changedReasons(sent.asApiConditions()));
        assertEquals(NOW, of(next, "DiskPressure").since());
        assertEquals(NOW.plusSeconds(1), of(next, "Ready").since());
    }

    @Test
    void namesThePodsOfTheClusterThatAreNotRun() {
        String message = of(NodeConditions.of(WELL.withPodsNotRun(List.of("a/x", "b/y")), List.of(), NOW), "Ready")
                .message();
        assertEquals(
                "kubelet is posting ready status; only static pods run here, and 2 of the cluster do not: a/x, b/y",
                message);
    }
}
