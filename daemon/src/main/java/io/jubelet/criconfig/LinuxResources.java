/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.criconfig;

import io.jubelet.cgroup.CpuTime;
import io.jubelet.cri.LinuxContainerResources;
import io.jubelet.node.HugePages;
import io.jubelet.pod.ContainerSpec;
import io.jubelet.pod.PodResources;
import io.jubelet.pod.PodSpec;
import io.jubelet.pod.QosClass;
import io.jubelet.pod.Quantity;
import io.jubelet.pod.Resources;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Converts requests and limits to cgroup settings with the kubelet's arithmetic. Pure. */
final class LinuxResources {

    private static final long GUARANTEED_OOM_SCORE = -997;
    private static final long BEST_EFFORT_OOM_SCORE = 1000;

    /** Static pods of this class keep the node alive, so the kernel kills them last. */
    private static final String NODE_CRITICAL = "system-node-critical";

    private LinuxResources() {}

    static LinuxContainerResources ofContainer(PodSpec pod, ContainerSpec container, NodeProfile node) {
        Optional<Quantity> memoryLimit = limit(pod, container, "memory");
        LinuxContainerResources.Builder resources = builder(
                container.resources().request("cpu"), limit(pod, container, "cpu"), memoryLimit, node.cgroups());
        resources.oomScoreAdj(oomScore(pod, container, node.memoryBytes()));
        resources.hugepageLimits(hugePages(pod, container, node.cgroups().hugePageSizes()));
        Map<String, String> unified = new HashMap<>();
        if (node.cgroups().v2() && node.cgroups().killTogether()) {
            unified.put("memory.oom.group", "1");
        }
        if (node.cgroups().swapLimits() && node.cgroups().v2()) {
            unified.put("memory.swap.max", "0");
        } else if (node.cgroups().swapLimits()) {
            resources.memorySwapLimitInBytes(bytes(memoryLimit));
        }
        return resources.unified(unified).build();
    }

    /** The limit of the container or, if it has none, that of the pod. */
    private static Optional<Quantity> limit(PodSpec pod, ContainerSpec container, String resource) {
        return container
                .resources()
                .limit(resource)
                .filter(limit -> limit.number().signum() > 0)
                .or(() -> pod.resources().flatMap(whole -> whole.limit(resource)));
    }

    /**
     * One entry for each page size of the node, because a container must not use huge pages that it
     * does not request.
     */
    private static List<LinuxContainerResources.HugepageLimit> hugePages(
            PodSpec pod, ContainerSpec container, List<String> sizes) {
        Map<String, Long> limits = new HashMap<>();
        pod.resources().ifPresent(whole -> addHugePages(whole.limits(), limits));
        addHugePages(container.resources().limits(), limits);
        List<LinuxContainerResources.HugepageLimit> entries = new ArrayList<>();
        for (String size : sizes) {
            entries.add(new LinuxContainerResources.HugepageLimit(size, limits.getOrDefault(size, 0L)));
        }
        return entries;
    }

    private static void addHugePages(Map<String, Quantity> quantities, Map<String, Long> limits) {
        quantities.forEach((name, limit) -> {
            if (name.startsWith(Resources.HUGE_PAGES)) {
                limits.put(hugePageSize(name), limit.value());
            }
        });
    }

    /** The page size in the name of a resource, as cgroups write it. */
    static String hugePageSize(String resource) {
        return HugePages.name(Quantity.parse(resource.substring(Resources.HUGE_PAGES.length()))
                .value());
    }

    /** The requests and limits of all containers together. */
    static LinuxContainerResources ofPod(PodSpec pod, NodeProfile.Cgroups cgroups) {
        return builder(
                        PodResources.requestWithoutOverhead(pod, "cpu"),
                        PodResources.limitWithoutOverhead(pod, "cpu"),
                        PodResources.limitWithoutOverhead(pod, "memory"),
                        cgroups)
                .build();
    }

    /**
     * The resources that the sandbox itself takes; null, as the CRI has it, if the pod declares
     * none.
     */
    static @Nullable LinuxContainerResources ofOverhead(PodSpec pod, NodeProfile.Cgroups cgroups) {
        if (pod.overhead().isEmpty()) {
            return null;
        }
        Optional<Quantity> cpu = Optional.ofNullable(pod.overhead().get("cpu"));
        return builder(cpu, cpu, Optional.ofNullable(pod.overhead().get("memory")), cgroups)
                .build();
    }

    private static LinuxContainerResources.Builder builder(
            Optional<Quantity> cpuRequest,
            Optional<Quantity> cpuLimit,
            Optional<Quantity> memoryLimit,
            NodeProfile.Cgroups cgroups) {
        LinuxContainerResources.Builder resources = LinuxContainerResources.builder()
                .cpuShares(shares(cpuRequest.or(() -> cpuLimit)))
                .memoryLimitInBytes(bytes(memoryLimit));
        cgroups.cpuPeriod().ifPresent(period -> {
            long micros = period.toNanos() / 1000;
            resources.cpuPeriod(micros).cpuQuota(CpuTime.quota(milli(cpuLimit), micros));
        });
        return resources;
    }

    static long shares(Optional<Quantity> cpu) {
        return CpuTime.shares(milli(cpu));
    }

    private static long milli(Optional<Quantity> cpu) {
        return cpu.map(Quantity::milli).orElse(0L);
    }

    private static long bytes(Optional<Quantity> memory) {
        return memory.map(Quantity::value).orElse(0L);
    }

    /**
     * The higher the score, the sooner the kernel kills the container. Source: the kubelet's QoS
     * policy.
     */
    static long oomScore(PodSpec pod, ContainerSpec container, long nodeMemory) {
        if (pod.scheduling().priorityClassName().equals(NODE_CRITICAL)) {
            return GUARANTEED_OOM_SCORE;
        }
        return switch (QosClass.of(pod)) {
            case Guaranteed -> GUARANTEED_OOM_SCORE;
            case BestEffort -> BEST_EFFORT_OOM_SCORE;
            case Burstable -> {
                long request = bytes(container.resources().request("memory"));
                if (pod.isSidecar(container)) {
                    // The kernel must not kill a sidecar before the containers that it serves.
                    request = Math.max(request, smallestRequest(pod));
                }
                request += shareOfPod(pod);
                long part = nodeMemory <= 0 ? 0 : request >= nodeMemory ? 1000 : 1000 * request / nodeMemory;
                long score = 1000 - part;
                yield score < 3 ? 3 : Math.min(score, 999);
            }
        };
    }

    /** An equal part, for each container, of what the pod requests beyond its containers. */
    private static long shareOfPod(PodSpec pod) {
        long whole = bytes(pod.resources().flatMap(resources -> resources.request("memory")));
        if (whole == 0) {
            return 0;
        }
        long containers = bytes(
                PodResources.together(pod, container -> container.resources().request("memory")));
        return (whole - containers) / pod.allContainers().count();
    }

    private static long smallestRequest(PodSpec pod) {
        long smallest = Long.MAX_VALUE;
        for (ContainerSpec container : pod.containers()) {
            smallest = Math.min(smallest, bytes(container.resources().request("memory")));
        }
        return smallest;
    }
}
