/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.criconfig;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.jubelet.cri.LinuxContainerResources;
import io.jubelet.cri.LinuxContainerResources.HugepageLimit;
import io.jubelet.pod.ContainerRestart;
import io.jubelet.pod.ContainerSpec;
import io.jubelet.pod.PodSpec;
import io.jubelet.pod.Quantity;
import io.jubelet.pod.Resources;
import io.jubelet.pod.RestartPolicy;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Compares the arithmetic with values from the sources of the kubelet. */
class LinuxResourcesTest {

    private static final long GIB = 1L << 30;

    private static NodeProfile node(boolean v2, boolean swap, boolean killTogether) {
        return new NodeProfile(
                "node1",
                List.of(),
                ClusterDns.NONE,
                new NodeProfile.Cgroups(
                        Optional.of(Duration.ofMillis(100)), v2, swap, List.of("2MB", "1GB"), killTogether),
                8 * GIB,
                List.of());
    }

    /** {@code "cpu=1 memory=1Gi"}. */
    private static Map<String, Quantity> quantities(String text) {
        Map<String, Quantity> quantities = new HashMap<>();
        for (String each : text.isEmpty() ? new String[0] : text.split(" ")) {
            quantities.put(each.split("=")[0], Quantity.parse(each.split("=")[1]));
        }
        return quantities;
    }

    private static Resources resources(String requests, String limits) {
        return new Resources(quantities(requests), quantities(limits));
    }

    private static ContainerSpec container(String requests, String limits) {
        return ContainerSpec.builder("app", "image")
                .resources(resources(requests, limits))
                .build();
    }

    private static LinuxContainerResources of(Resources ofPod, ContainerSpec container, NodeProfile node) {
        PodSpec pod = PodSpec.builder(List.of(container))
                .resources(Optional.ofNullable(ofPod))
                .build();
        return LinuxResources.ofContainer(pod, container, node);
    }

    @Test
    void aContainerWithoutALimitHasThatOfItsPod() {
        NodeProfile node = node(true, false, true);
        LinuxContainerResources own = of(
                resources("cpu=2 memory=2Gi", "cpu=2 memory=2Gi"), container("cpu=250m", "cpu=500m memory=1Gi"), node);
        assertEquals(256, own.cpuShares());
        assertEquals(50_000, own.cpuQuota());
        assertEquals(100_000, own.cpuPeriod());
        assertEquals(GIB, own.memoryLimitInBytes());
        LinuxContainerResources inherited =
                of(resources("cpu=1 memory=2Gi", "cpu=2 memory=2Gi"), container("", "memory=0"), node);
        assertEquals(2048, inherited.cpuShares(), "no request: that of the limit");
        assertEquals(200_000, inherited.cpuQuota());
        assertEquals(2 * GIB, inherited.memoryLimitInBytes());
        LinuxContainerResources none = of(null, container("", ""), node);
        assertEquals(2, none.cpuShares());
        assertEquals(0, none.cpuQuota());
        assertEquals(0, none.memoryLimitInBytes());
        assertEquals(1000, of(null, container("", "cpu=1m"), node).cpuQuota(), "at least a millisecond");
    }

    @Test
    void hugePagesHaveOneEntryForEachSizeOfTheNode() {
        NodeProfile node = node(true, false, true);
        assertEquals(
                List.of(new HugepageLimit("2MB", 0), new HugepageLimit("1GB", 0)),
                of(null, container("", "memory=1Gi"), node).hugepageLimits());
        assertEquals(
                List.of(new HugepageLimit("2MB", 4 << 20), new HugepageLimit("1GB", 2 * GIB)),
                of(
                                resources("", "hugepages-2Mi=8Mi hugepages-1Gi=2Gi cpu=1"),
                                container("", "memory=1Gi hugepages-2Mi=4Mi"),
                                node)
                        .hugepageLimits());
    }

    @Test
    void allProcessesAreKilledTogetherWithCgroupV2UnlessAskedOtherwise() {
        ContainerSpec container = container("", "memory=1Gi");
        assertEquals(
                Map.of("memory.oom.group", "1"),
                of(null, container, node(true, false, true)).unified());
        assertEquals(Map.of(), of(null, container, node(true, false, false)).unified());
        assertEquals(Map.of(), of(null, container, node(false, false, true)).unified());
    }

    @Test
    void containersCannotSwap() {
        ContainerSpec container = container("", "memory=1Gi");
        assertEquals("0", of(null, container, node(true, true, true)).unified().get("memory.swap.max"));
        assertEquals(GIB, of(null, container, node(false, true, true)).memorySwapLimitInBytes());
        assertEquals(0, of(null, container, node(false, false, true)).memorySwapLimitInBytes());
        assertEquals(
                2 * GIB,
                of(resources("memory=2Gi", "memory=2Gi"), container("", ""), node(false, true, true))
                        .memorySwapLimitInBytes());
    }

    private static long score(PodSpec.Builder pod, ContainerSpec container) {
        return LinuxResources.oomScore(pod.build(), container, 8 * GIB);
    }

    @Test
    void requestsOfThePodBeyondItsContainersAreSharedEqually() {
        ContainerSpec small = container("memory=1Gi", "");
        ContainerSpec none = ContainerSpec.builder("none", "image").build();
        PodSpec.Builder pod = PodSpec.builder(List.of(small, none));
        assertEquals(875, score(pod, small));
        assertEquals(999, score(pod, none));
        pod.resources(Optional.of(resources("memory=3Gi", "")));
        assertEquals(750, score(pod, small));
        assertEquals(875, score(pod, none));
    }

    @Test
    void aSidecarIsNotKilledBeforeTheContainersThatItServes() {
        ContainerSpec sidecar = ContainerSpec.builder("side", "image")
                .restart(new ContainerRestart(Optional.of(RestartPolicy.Always), List.of()))
                .build();
        ContainerSpec app = container("memory=2Gi", "");
        PodSpec.Builder pod = PodSpec.builder(List.of(app)).initContainers(List.of(sidecar));
        assertEquals(750, score(pod, sidecar));
        assertEquals(750, score(pod, app));
        // the pod requests one more gibibyte for each of its two containers
        pod.resources(Optional.of(resources("memory=4Gi", "")));
        assertEquals(625, score(pod, sidecar));
    }

    @Test
    void aNodeCriticalPodIsKilledLast() {
        ContainerSpec app = container("", "");
        assertEquals(1000, score(PodSpec.builder(List.of(app)), app));
        assertEquals(1000, score(PodSpec.builder(List.of(app)).priorityClassName("system-cluster-critical"), app));
        assertEquals(-997, score(PodSpec.builder(List.of(app)).priorityClassName("system-node-critical"), app));
    }

    @Test
    void theSandboxGetsSumAndOverheadSeparately() {
        NodeProfile node = node(true, false, true);
        PodSpec.Builder pod =
                PodSpec.builder(List.of(container("cpu=1", "memory=1Gi"), container("cpu=1", "memory=1Gi")));
        assertNull(LinuxResources.ofOverhead(pod.build(), node.cgroups()));
        pod.overhead(quantities("cpu=250m memory=16Mi"));
        LinuxContainerResources sum = LinuxResources.ofPod(pod.build(), node.cgroups());
        assertEquals(2048, sum.cpuShares());
        assertEquals(2 * GIB, sum.memoryLimitInBytes());
        LinuxContainerResources overhead = LinuxResources.ofOverhead(pod.build(), node.cgroups());
        assertEquals(256, overhead.cpuShares());
        assertEquals(25_000, overhead.cpuQuota());
        assertEquals(16 << 20, overhead.memoryLimitInBytes());
    }
}
