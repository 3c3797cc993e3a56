/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.objects;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jubelet.document.Documents;
import io.jubelet.document.Findings;
import io.jubelet.document.JsonText;
import io.jubelet.document.Node;
import io.jubelet.observed.ObservedContainer;
import io.jubelet.observed.RuntimeFacts.EnactedResources;
import io.jubelet.pod.ContainerRestart;
import io.jubelet.pod.ContainerUser;
import io.jubelet.pod.Quantity;
import io.jubelet.pod.Resources;
import io.jubelet.pod.VolumeMount;
import io.jubelet.pod.WaitingCause;
import io.jubelet.status.PodReport;
import io.jubelet.status.PodViews;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/**
 * Walks the status of a pod as Kubernetes 1.36 declares it. Each field is filled, or a static pod has none, for a reason.
 * {@code tools/kubelet-records.sh} writes the record of the fields.
 */
class StatusFieldsTest {

    private static final String ALPHA = "its feature gate is off in the kubelet unless it is set";
    private static final String CLAIMS = "a static pod has no resource claims: the kubelet refuses them";
    private static final String DEVICES = "there are no device plugins, whose devices it describes";

    /** Why a static pod has no such field, by field or by type. */
    private static final Map<String, String> ABSENT = new TreeMap<>(Map.ofEntries(
            Map.entry("PodStatus.observedGeneration", "the API server numbers generations; a manifest has none"),
            Map.entry("PodCondition.observedGeneration", "the API server numbers generations; a manifest has none"),
            Map.entry("PodStatus.nominatedNodeName", "the scheduler sets it, which static pods do not pass"),
            Map.entry("PodStatus.ephemeralContainerStatuses", "the API server adds ephemeral containers"),
            Map.entry("PodStatus.resize", "the conditions of a resize have replaced it, and an edit makes a new pod"),
            Map.entry("PodStatus.resourceClaimStatuses", CLAIMS),
            Map.entry("PodStatus.extendedResourceClaimStatus", CLAIMS),
            Map.entry("PodStatus.nodeAllocatableResourceClaimStatuses", CLAIMS),
            Map.entry("PodResourceClaimStatus", CLAIMS),
            Map.entry("PodExtendedResourceClaimStatus", CLAIMS),
            Map.entry("ContainerExtendedResourceRequest", CLAIMS),
            Map.entry("NodeAllocatableResourceClaimStatus", CLAIMS),
            Map.entry("ResourceRequirements.claims", CLAIMS),
            Map.entry("ResourceClaim", CLAIMS),
            Map.entry("ContainerStatus.allocatedResourcesStatus", DEVICES),
            Map.entry("ResourceStatus", DEVICES),
            Map.entry("ResourceHealth", DEVICES),
            Map.entry("ContainerStatus.stopSignal", ALPHA),
            Map.entry("VolumeMountStatus.volumeStatus", ALPHA),
            Map.entry("VolumeStatus", ALPHA),
            Map.entry("ImageVolumeStatus", ALPHA),
            Map.entry("ContainerStateTerminated.signal", "the CRI does not report it, so the kubelet leaves it out")));

    /** Why a pod never has a condition that the kubelet sets. */
    private static final Map<String, String> ABSENT_CONDITIONS = new TreeMap<>(Map.of(
            "PodResizeInProgress", "an edit of the resources makes a new pod",
            "PodResizePending", "an edit of the resources makes a new pod",
            "DisruptionTarget", "nothing ends a pod for the sake of another or of the node"));

    private final Map<String, Map<String, String>> types = new HashMap<>();
    private final TreeSet<String> listed = new TreeSet<>();
    private final TreeSet<String> conditions = new TreeSet<>();
    private final TreeSet<String> filled = new TreeSet<>();
    private final TreeSet<String> unknown = new TreeSet<>();

    StatusFieldsTest() throws IOException {
        try (InputStream in = StatusFieldsTest.class.getResourceAsStream("/kubelet/status-1.36.txt")) {
            for (String line : new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .toList()) {
                String[] words = line.split(" ");
                if (words[0].equals("condition")) {
                    conditions.add(words[1]);
                } else {
                    listed.add(words[1]);
                    String[] field = words[1].split("\\.");
                    types.computeIfAbsent(field[0], _ -> new HashMap<>()).put(field[1], words[2].replace("[]", ""));
                }
            }
        }
    }

    @Test
    void everyFieldIsFilledOrHasAReason() {
        assertTrue(listed.size() > 80, "the record has only " + listed.size() + " fields");
        for (PodReport report : reports()) {
            walk("PodStatus", status(report));
        }
        assertEquals(List.of(), List.copyOf(unknown), "fields that Kubernetes does not declare");
        TreeSet<String> expected = new TreeSet<>(listed);
        expected.removeIf(field -> ABSENT.containsKey(field) || ABSENT.containsKey(field.split("\\.")[0]));
        assertEquals(expected, filled);
        for (String absent : ABSENT.keySet()) {
            assertTrue(listed.contains(absent) || types.containsKey(absent), absent + " is not a field of 1.36");
        }
    }

    @Test
    void everyConditionOfTheKubeletIsThereOrHasAReason() {
        TreeSet<String> there = new TreeSet<>();
        for (PodReport report : reports()) {
            Node.Sequence all = (Node.Sequence) ((Node.Mapping) status(report)).get("conditions");
            Objects.requireNonNull(all, "conditions")
                    .items()
                    .forEach(condition -> there.add(at(condition, "type").replace("\"", "")));
        }
        TreeSet<String> expected = new TreeSet<>(conditions);
        expected.removeAll(ABSENT_CONDITIONS.keySet());
        assertEquals(expected, there);
        assertTrue(conditions.containsAll(ABSENT_CONDITIONS.keySet()));
    }

    /** Pods whose statuses have every field that a pod here can have. */
    private static List<PodReport> reports() {
        Resources resources = new Resources(
                Map.of("cpu", Quantity.parse("0.1"), "memory", Quantity.parse("64Mi")),
                Map.of("cpu", Quantity.parse("0.5"), "memory", Quantity.parse("1024Mi")));
        return List.of(
                PodViews.pod("web", "app")
                        .init("init")
                        .resources(resources)
                        .mounts(new VolumeMount("data", "/data", true))
                        .sandbox()
                        .exited("init", 0, 0, 4)
                        .running("app", 1, 20)
                        .facts(false, new ContainerUser(7, 8, List.of(9L)), new EnactedResources(100, 750, 768 << 20))
                        .report(),
                PodViews.pod("crashes", "app")
                        .sandbox()
                        .instance(
                                "app",
                                0,
                                new ObservedContainer.State.Exited(
                                        PodViews.second(3), PodViews.second(4), 1, "Error", "no configuration"))
                        .waiting("app", WaitingCause.Other.CRASH_LOOP, "CrashLoopBackOff", "back-off 10s")
                        .report(),
                PodViews.pod("restarts", "app")
                        .sidecar(
                                "proxy",
                                new ContainerRestart.Rule(
                                        ContainerRestart.Action.RestartAllContainers, true, Set.of(42)))
                        .sandbox()
                        .running("app", 0, 5)
                        .exited("proxy", 0, 42, 9)
                        .report(),
                PodViews.pod("large", "app")
                        .rejected("OutOfcpu", "Node didn't have enough resource: cpu")
                        .report());
    }

    private static Node status(PodReport report) {
        NodeInfo node = new NodeInfo(PodViews.NODE, List.of("192.0.2.1", "2001:db8::1"), "1.0");
        return Objects.requireNonNull(Documents.readJson(new PodJson(node).status(report), new Findings()));
    }

    private void walk(String type, Node value) {
        if (value instanceof Node.Sequence list) {
            list.items().forEach(element -> walk(type, element));
        }
        if (!(value instanceof Node.Mapping object)) {
            return;
        }
        for (Node.Entry field : object.entries()) {
            String kind = types.get(type).get(field.key());
            if (kind == null) {
                unknown.add(type + "." + field.key());
                continue;
            }
            filled.add(type + "." + field.key());
            if (types.containsKey(kind)) {
                walk(kind, field.value());
            }
        }
    }

    /** The JSON of a field, by the names and the positions that lead to it. */
    private static String at(Node value, String... path) {
        Node found = value;
        for (String step : path) {
            found = found instanceof Node.Sequence list
                    ? list.items().get(Integer.parseInt(step))
                    : ((Node.Mapping) found).get(step);
            Objects.requireNonNull(found, step);
        }
        return JsonText.of(found);
    }

    @Test
    void restartOfAllContainersIsACondition() {
        Node status = status(reports().get(2));
        assertEquals(
                "{\"type\":\"AllContainersRestarting\",\"status\":\"True\",\"lastProbeTime\":null,"
                        + "\"lastTransitionTime\":\"2026-01-01T10:00:09Z\",\"reason\":\"RestartAllContainersStarted\","
                        + "\"message\":\"container exited with restart policy rule\"}",
                at(status, "conditions", "5"));
    }

    @Test
    void quantitiesAreCanonicalAndThoseInForceAreTheRuntimes() {
        Node status = status(reports().getFirst());
        String spec = "{\"limits\":{\"cpu\":\"500m\",\"memory\":\"1Gi\"},"
                + "\"requests\":{\"cpu\":\"100m\",\"memory\":\"64Mi\"}}";
        assertEquals(spec, at(status, "resources"));
        assertEquals("{\"cpu\":\"100m\",\"memory\":\"64Mi\"}", at(status, "allocatedResources"));
        assertEquals(spec, at(status, "initContainerStatuses", "0", "resources"));
        assertEquals(
                spec.replace("500m", "750m").replace("1Gi", "768Mi"),
                at(status, "containerStatuses", "0", "resources"));
        assertEquals(
                "{\"cpu\":\"100m\",\"memory\":\"64Mi\"}", at(status, "containerStatuses", "0", "allocatedResources"));
    }

    @Test
    void rejectedPodSaysWhyAsTheKubeletDoesAndStaysPending() {
        Node status = status(reports().getLast());
        assertEquals("\"Pending\"", at(status, "phase"));
        assertEquals("\"OutOfcpu\"", at(status, "reason"));
        assertEquals("\"Pod was rejected: Node didn't have enough resource: cpu\"", at(status, "message"));
    }
}
