/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.node.RuntimeOffer;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The JSON of the Node: quantities, labels and patches; and the rate of events. */
class NodeJsonTest {

    @ParameterizedTest
    @CsvSource({
        "0, 0",
        "1, 1",
        "1024, 1Ki",
        "1536, 1536",
        "1048576, 1Mi",
        "8589934592, 8Gi",
        "25282547712, 24689988Ki",
        "47438335103, 47438335103"
    })
    void bytesAreWrittenAsTheApiGivesThem(long bytes, String expected) {
        assertEquals(expected, ResourceQuantities.bytes(bytes));
    }

    @Test
    void processorsAreWrittenAsTheApiGivesThem() {
        assertEquals("2", ResourceQuantities.processors(2000));
        assertEquals("1930m", ResourceQuantities.processors(1930));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "disk",
                "example.com/disk",
                "kubernetes.io.example.com/a",
                "kubernetes.io/hostname",
                "topology.kubernetes.io/zone",
                "node.kubernetes.io/exclude-from-external-load-balancers",
                "kubelet.kubernetes.io/a",
                "my.node.kubernetes.io/a"
            })
    void aNodeMayGiveItself(String key) {
        assertEquals(Map.of(key, "v"), LabelRestriction.allowed(Map.of(key, "v")));
        assertEquals(List.of(), LabelRestriction.rejected(Map.of(key, "v")));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "node-role.kubernetes.io/edge",
                "node-restriction.kubernetes.io/a",
                "kubernetes.io/role",
                "k8s.io/a",
                "a.k8s.io/b"
            })
    void aNodeMayNotGiveItself(String key) {
        Map<String, String> labels = new HashMap<>(Map.of("disk", "ssd"));
        labels.put(key, "v");
        assertEquals(Map.of("disk", "ssd"), LabelRestriction.allowed(labels));
        assertEquals(List.of(key), LabelRestriction.rejected(labels));
    }

    private static final ClusterSettings SETTINGS = new ClusterSettings(
            "n",
            new ClusterSettings.Registration(true, Map.of(), Map.of(), List.of(), Optional.empty()),
            0,
            new ClusterSettings.Timing(Duration.ofSeconds(10), Duration.ofMinutes(5), Duration.ofSeconds(40)),
            new ClusterSettings.EventLimits(50, 100));

    private static final NodeReport.Runtime READY = new NodeReport.Runtime(Optional.empty(), RuntimeOffer.NONE);

    private static String patch(List<NodeReport.Image> images) {
        NodeReport report = new NodeReport(List.of(), Map.of(), Map.of(), Map.of(), images, Map.of(), List.of(), READY);
        return new NodeJson(SETTINGS).statusPatch(report, NodeConditions.of(report, List.of(), Instant.EPOCH));
    }

    @Test
    void imagesTakeThePlaceOfThoseThatWereThere() {
        String patch = patch(List.of(
                new NodeReport.Image(List.of("r/a@sha256:1", "r/a:1"), 20), new NodeReport.Image(List.of("r/b:1"), 3)));
        assertTrue(
                patch.contains("\"images\":[{\"names\":[\"r/a@sha256:1\",\"r/a:1\"],\"sizeBytes\":20},"
                        + "{\"names\":[\"r/b:1\"],\"sizeBytes\":3}]"),
                patch);
        assertTrue(patch(List.of()).contains("\"images\":[]"));
    }

    @Test
    void aPatchReplacesAddressesForTheyAreMergedByTheirType() {
        NodeReport report = new NodeReport(
                List.of("192.0.2.1", "2001:db8::1"),
                Map.of("cpu", "2"),
                Map.of(),
                Map.of(),
                List.of(),
                Map.of(),
                List.of(),
                READY);
        NodeConditions conditions = NodeConditions.of(report, List.of(), Instant.EPOCH);
        String patch = new NodeJson(SETTINGS).statusPatch(report, conditions);
        assertTrue(
                patch.contains("\"addresses\":[{\"$patch\":\"replace\"},"
                        + "{\"type\":\"InternalIP\",\"address\":\"192.0.2.1\"},"
                        + "{\"type\":\"InternalIP\",\"address\":\"2001:db8::1\"},"
                        + "{\"type\":\"Hostname\",\"address\":\"n\"}]"),
                patch);
        assertFalse(new NodeJson(SETTINGS).created(report, conditions).contains("$patch"));
    }

    /** The API server sends WebSockets only to a node that says so, and streams only to one that has a port. */
    @Test
    void nodeWithAPortTakesWebSockets() {
        NodeReport report =
                new NodeReport(List.of(), Map.of(), Map.of(), Map.of(), List.of(), Map.of(), List.of(), READY);
        NodeConditions conditions = NodeConditions.of(report, List.of(), Instant.EPOCH);
        ClusterSettings serving =
                new ClusterSettings("n", SETTINGS.registration(), 10250, SETTINGS.timing(), SETTINGS.eventLimits());
        String declared = "\"daemonEndpoints\":{\"kubeletEndpoint\":{\"Port\":10250}},"
                + "\"declaredFeatures\":[\"ExtendWebSocketsToKubelet\"]";
        String created = new NodeJson(serving).created(report, conditions);
        assertTrue(created.contains(declared), created);
        assertFalse(new NodeJson(SETTINGS).created(report, conditions).contains("declaredFeatures"));
    }

    /** By them a client knows whether a pod can have recursive read-only mounts here. */
    @Test
    void statusSaysWhatTheRuntimeOffers() {
        RuntimeOffer offer = new RuntimeOffer(
                List.of(
                        new RuntimeOffer.Handler("", Optional.of(new RuntimeOffer.Features(true, false))),
                        new RuntimeOffer.Handler("gvisor", Optional.empty())),
                Optional.of(true));
        NodeReport report = new NodeReport(
                List.of(),
                Map.of(),
                Map.of(),
                Map.of(),
                List.of(),
                Map.of(),
                List.of(),
                new NodeReport.Runtime(Optional.empty(), offer));
        NodeConditions conditions = NodeConditions.of(report, List.of(), Instant.EPOCH);
        String patch = new NodeJson(SETTINGS).statusPatch(report, conditions);
        assertTrue(
                patch.contains(
                        "\"runtimeHandlers\":[{\"name\":\"\",\"features\":{\"recursiveReadOnlyMounts\":true,"
                                + "\"userNamespaces\":false}},{\"name\":\"gvisor\"}],\"features\":{\"supplementalGroupsPolicy\":true}"),
                patch);
        assertFalse(patch(List.of()).contains("runtimeHandlers"));
    }

    @Test
    void eventsGoInABurstAndThenAtTheirPace() {
        EventRateLimiter rateLimiter = new EventRateLimiter(new ClusterSettings.EventLimits(2, 3));
        Instant now = Instant.EPOCH;
        for (int i = 0; i < 3; i++) {
            assertEquals(Duration.ZERO, rateLimiter.reserve(now));
        }
        assertEquals(Duration.ofMillis(500), rateLimiter.reserve(now));
        assertEquals(Duration.ZERO, rateLimiter.reserve(now.plusMillis(500)));
        assertEquals(Duration.ofMillis(500), rateLimiter.reserve(now.plusMillis(500)));
        // However long it was quiet, no more than the burst comes at once.
        Instant later = now.plusSeconds(3600);
        for (int i = 0; i < 3; i++) {
            assertEquals(Duration.ZERO, rateLimiter.reserve(later));
        }
        assertTrue(rateLimiter.reserve(later).isPositive());
        assertEquals(Duration.ZERO, new EventRateLimiter(new ClusterSettings.EventLimits(0, 0)).reserve(now));
    }
}
