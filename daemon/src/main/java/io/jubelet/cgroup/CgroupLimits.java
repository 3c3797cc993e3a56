/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cgroup;

import io.jubelet.node.HugePages;
import io.jubelet.pod.PodResources;
import io.jubelet.pod.PodSpec;
import io.jubelet.pod.QosClass;
import io.jubelet.pod.Quantity;
import io.jubelet.pod.Resources;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The limits of a cgroup; zero means that a limit is left as it is.
 *
 * @param cpuShares weight relative to its siblings, 2 to 262144
 * @param cpuQuotaMicros processor time in each period, in microseconds
 * @param cpuPeriodMicros the period, in microseconds
 * @param memoryBytes memory in bytes
 * @param pids the number of processes and threads
 * @param hugePages bytes of huge pages by size as cgroups name it, such as {@code 2MB}; here zero
 *     is a limit
 */
public record CgroupLimits(
        long cpuShares,
        long cpuQuotaMicros,
        long cpuPeriodMicros,
        long memoryBytes,
        long pids,
        Map<String, Long> hugePages) {

    /** No limits. */
    static final CgroupLimits NONE = shares(0);

    public CgroupLimits {
        hugePages = Map.copyOf(hugePages);
    }

    /** Only a weight. */
    static CgroupLimits shares(long shares) {
        return new CgroupLimits(shares, 0, 0, 0, 0, Map.of());
    }

    /**
     * The limits of a pod, by the kubelet's arithmetic.
     *
     * @param cpuPeriod the period of CPU quotas; empty if CPU limits are not enforced by quotas
     * @param pids the number of processes and threads of a pod, 0 for no limit
     * @param hugePageSizes the sizes of the node, as cgroups name them
     */
    static CgroupLimits of(PodSpec pod, Optional<Duration> cpuPeriod, long pids, List<String> hugePageSizes) {
        Map<String, Long> hugePages = new HashMap<>();
        hugePageSizes.forEach(size -> hugePages.put(size, 0L));
        for (String name : PodResources.hugePages(pod)) {
            String size = HugePages.name(Quantity.parse(name.substring(Resources.HUGE_PAGES.length()))
                    .value());
            hugePages.computeIfPresent(
                    size,
                    (_, _) ->
                            PodResources.request(pod, name).map(Quantity::value).orElse(0L));
        }
        long shares = CpuTime.shares(
                PodResources.request(pod, "cpu").map(Quantity::milli).orElse(0L));
        long period = cpuPeriod.map(time -> time.toNanos() / 1000).orElse(0L);
        return switch (QosClass.of(pod)) {
            case Guaranteed, Burstable ->
                new CgroupLimits(
                        shares,
                        period == 0
                                ? 0
                                : CpuTime.quota(
                                        limited(pod, "cpu").map(Quantity::milli).orElse(0L), period),
                        period,
                        limited(pod, "memory").map(Quantity::value).orElse(0L),
                        pids,
                        hugePages);
            case BestEffort -> new CgroupLimits(CpuTime.MIN_SHARES, 0, 0, 0, pids, hugePages);
        };
    }

    private static Optional<Quantity> limited(PodSpec pod, String resource) {
        return PodResources.limited(pod, resource) ? PodResources.limit(pod, resource) : Optional.empty();
    }
}
