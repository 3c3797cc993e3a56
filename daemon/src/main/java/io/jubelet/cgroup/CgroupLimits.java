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
 * What a cgroup may take; zero means that it is not said.
 *
 * @param cpuShares weight against its siblings, 2 to 262144
 * @param cpuQuotaMicros processor time in each period
 * @param cpuPeriodMicros the period
 * @param memoryBytes memory
 * @param pids processes and threads
 * @param hugePages bytes by size as cgroups name it, such as {@code 2MB}; zero is a limit here
 */
public record CgroupLimits(
        long cpuShares,
        long cpuQuotaMicros,
        long cpuPeriodMicros,
        long memoryBytes,
        long pids,
        Map<String, Long> hugePages) {

    /** Nothing is said. */
    static final CgroupLimits NONE = shares(0);

    public CgroupLimits {
        hugePages = Map.copyOf(hugePages);
    }

    /** A weight and nothing else. */
    static CgroupLimits shares(long shares) {
        return new CgroupLimits(shares, 0, 0, 0, 0, Map.of());
    }

    /**
     * What a pod may take, by the kubelet's arithmetic.
     *
     * @param cpuPeriod the period of CPU quotas; empty when CPU limits are not enforced by quotas
     * @param pids processes and threads of a pod, 0 for no limit
     * @param hugePageSizes of the node, as cgroups name them
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
