/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.pod;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class PodResourcesTest {

    private static ContainerSpec container(String name, String memory) {
        ContainerSpec.Builder spec = ContainerSpec.builder(name, "image");
        if (!memory.isEmpty()) {
            Map<String, Quantity> both = Map.of("memory", Quantity.parse(memory), "cpu", Quantity.parse("1"));
            spec.resources(new Resources(both, both));
        }
        return name.startsWith("s")
                ? spec.restart(new ContainerRestart(Optional.of(RestartPolicy.Always), List.of()))
                        .build()
                : spec.build();
    }

    private static long together(List<ContainerSpec> inits, String... mains) {
        List<ContainerSpec> containers =
                List.of(mains).stream().map(memory -> container("app", memory)).toList();
        return PodResources.together(
                        PodSpec.builder(containers).initContainers(inits).build(),
                        c -> c.resources().limit("memory"))
                .map(Quantity::value)
                .orElse(0L);
    }

    @Test
    void requestIsLargerOfMainContainersAndLargestInitContainer() {
        assertEquals(3, together(List.of(), "1", "2"));
        assertEquals(3, together(List.of(container("i1", "2"), container("i2", "1")), "1", "2"));
        assertEquals(7, together(List.of(container("i1", "7"), container("i2", "1")), "1", "2"));
    }

    @Test
    void sidecarsAddToMainAndLaterInitContainers() {
        assertEquals(7, together(List.of(container("i1", "6"), container("s1", "4")), "1", "2"));
        assertEquals(10, together(List.of(container("s1", "4"), container("i1", "6")), "1", "2"));
    }

    @Test
    void qosClassCountsInitContainers() {
        PodSpec.Builder spec = PodSpec.builder(List.of(container("app", "1")));
        assertEquals(QosClass.Guaranteed, QosClass.of(spec.build()));
        assertEquals(
                QosClass.Burstable,
                QosClass.of(spec.initContainers(List.of(container("i1", ""))).build()));
    }

    private static Resources resources(String cpuRequest, String cpuLimit, String memoryRequest, String memoryLimit) {
        Map<String, Quantity> requests = new HashMap<>();
        Map<String, Quantity> limits = new HashMap<>();
        put(requests, "cpu", cpuRequest);
        put(limits, "cpu", cpuLimit);
        put(requests, "memory", memoryRequest);
        put(limits, "memory", memoryLimit);
        return new Resources(requests, limits);
    }

    private static void put(Map<String, Quantity> quantities, String resource, String text) {
        if (!text.isEmpty()) {
            quantities.put(resource, Quantity.parse(text));
        }
    }

    private static PodSpec.Builder pod(Resources ofPod, Resources... ofContainers) {
        return PodSpec.builder(Stream.of(ofContainers)
                        .map(resources -> ContainerSpec.builder("app", "image")
                                .resources(resources)
                                .build())
                        .toList())
                .resources(Optional.ofNullable(ofPod));
    }

    @Test
    void podLevelResourcesDecideQosClass() {
        Resources full = resources("1", "1", "1Gi", "1Gi");
        assertEquals(QosClass.Guaranteed, QosClass.of(pod(full, Resources.NONE).build()));
        assertEquals(
                QosClass.Burstable,
                QosClass.of(pod(resources("1", "1", "", ""), full).build()));
        assertEquals(
                QosClass.Burstable,
                QosClass.of(pod(resources("1", "2", "1Gi", "1Gi"), full).build()));
        assertEquals(QosClass.BestEffort, QosClass.of(pod(Resources.NONE, full).build()));
        assertEquals(
                QosClass.BestEffort,
                QosClass.of(pod(resources("0", "0", "", ""), full).build()));
        assertEquals(
                QosClass.Burstable, QosClass.of(pod(null, full, Resources.NONE).build()));
    }

    @Test
    void podLevelResourcesReplaceSumAndOverheadIsAdded() {
        Resources app = resources("200m", "1", "100Mi", "");
        PodSpec.Builder pod = pod(resources("", "3", "1Gi", ""), app, app);
        pod.overhead(Map.of("cpu", Quantity.parse("50m"), "memory", Quantity.parse("10Mi")));
        PodSpec spec = pod.build();
        assertEquals(450, PodResources.request(spec, "cpu").orElseThrow().milli());
        assertEquals(3050, PodResources.limit(spec, "cpu").orElseThrow().milli());
        assertEquals(
                1034L << 20, PodResources.request(spec, "memory").orElseThrow().value());
        assertEquals(
                1L << 30,
                PodResources.requestWithoutOverhead(spec, "memory")
                        .orElseThrow()
                        .value());
        assertEquals(Optional.empty(), PodResources.limit(spec, "memory"));
    }

    @Test
    void podIsLimitedIfEachContainerOrPodIs() {
        Resources limited = resources("", "1", "", "1Gi");
        Resources free = resources("1", "", "", "0");
        assertTrue(PodResources.limited(pod(null, limited, limited).build(), "cpu"));
        assertFalse(PodResources.limited(pod(null, limited, free).build(), "cpu"));
        assertFalse(PodResources.limited(pod(null, limited, free).build(), "memory"));
        assertTrue(PodResources.limited(pod(limited, free, free).build(), "memory"));
        ContainerSpec sidecar = container("s", "1");
        ContainerSpec init = ContainerSpec.builder("i", "image").build();
        // what the sidecar before it may take counts for an init container, as with the kubelet
        assertTrue(PodResources.limited(
                pod(null, limited).initContainers(List.of(sidecar, init)).build(), "cpu"));
        assertFalse(PodResources.limited(
                pod(null, limited).initContainers(List.of(init, sidecar)).build(), "cpu"));
    }
}
