package io.jubelet.runtime;

import io.jubelet.cri.LinuxContainerResources;
import io.jubelet.pod.ContainerSpec;
import io.jubelet.pod.PodSpec;
import io.jubelet.pod.QosClass;
import io.jubelet.pod.Quantity;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** Requests and limits as cgroup settings, by the kubelet's arithmetic. Pure. */
final class LinuxResources {

    private static final long MIN_SHARES = 2;
    private static final long MAX_SHARES = 262_144;
    private static final long MIN_QUOTA_MICROS = 1000;
    private static final long GUARANTEED_OOM_SCORE = -997;
    private static final long BEST_EFFORT_OOM_SCORE = 1000;

    private LinuxResources() {}

    static LinuxContainerResources ofContainer(PodSpec pod, ContainerSpec container, NodeProfile node) {
        LinuxContainerResources.Builder resources = builder(
                container.resources().request("cpu"),
                container.resources().limit("cpu"),
                container.resources().limit("memory"),
                node);
        resources.oomScoreAdj(oomScore(pod, container, node.memoryBytes()));
        Map<String, String> unified = new HashMap<>();
        if (node.cgroupV2()) {
            unified.put("memory.oom.group", "1");
        }
        if (node.swapLimits() && node.cgroupV2()) {
            unified.put("memory.swap.max", "0");
        } else if (node.swapLimits()) {
            resources.memorySwapLimitInBytes(bytes(container.resources().limit("memory")));
        }
        return resources.unified(unified).build();
    }

    /** What all containers together ask for and may take. */
    static LinuxContainerResources ofPod(PodSpec pod, NodeProfile node) {
        return builder(
                        PodResources.together(pod, c -> c.resources().request("cpu")),
                        PodResources.together(pod, c -> c.resources().limit("cpu")),
                        PodResources.together(pod, c -> c.resources().limit("memory")),
                        node)
                .build();
    }

    private static LinuxContainerResources.Builder builder(
            Optional<Quantity> cpuRequest,
            Optional<Quantity> cpuLimit,
            Optional<Quantity> memoryLimit,
            NodeProfile node) {
        LinuxContainerResources.Builder resources = LinuxContainerResources.builder()
                .cpuShares(shares(cpuRequest.or(() -> cpuLimit)))
                .memoryLimitInBytes(bytes(memoryLimit));
        node.cpuPeriod().ifPresent(period -> {
            long micros = period.toNanos() / 1000;
            resources.cpuPeriod(micros).cpuQuota(quota(cpuLimit, micros));
        });
        return resources;
    }

    static long shares(Optional<Quantity> cpu) {
        long milli = cpu.map(Quantity::milli).orElse(0L);
        return Math.clamp(milli > MAX_SHARES ? MAX_SHARES : milli * 1024 / 1000, MIN_SHARES, MAX_SHARES);
    }

    private static long quota(Optional<Quantity> cpuLimit, long periodMicros) {
        long milli = cpuLimit.map(Quantity::milli).orElse(0L);
        if (milli == 0) {
            return 0;
        }
        return Math.max(MIN_QUOTA_MICROS, Math.min(milli, Long.MAX_VALUE / periodMicros) * periodMicros / 1000);
    }

    private static long bytes(Optional<Quantity> memory) {
        return memory.map(Quantity::value).orElse(0L);
    }

    /** Who is killed first when the node runs out of memory. Source: the kubelet's QoS policy. */
    static long oomScore(PodSpec pod, ContainerSpec container, long nodeMemory) {
        return switch (QosClass.of(pod)) {
            case Guaranteed -> GUARANTEED_OOM_SCORE;
            case BestEffort -> BEST_EFFORT_OOM_SCORE;
            case Burstable -> {
                long request = bytes(container.resources().request("memory"));
                if (pod.isSidecar(container)) {
                    // Not killed before the containers that it serves.
                    request = Math.max(request, smallestRequest(pod));
                }
                long part = nodeMemory <= 0 ? 0 : request >= nodeMemory ? 1000 : 1000 * request / nodeMemory;
                long score = 1000 - part;
                yield score < 3 ? 3 : Math.min(score, 999);
            }
        };
    }

    private static long smallestRequest(PodSpec pod) {
        long smallest = Long.MAX_VALUE;
        for (ContainerSpec container : pod.containers()) {
            smallest = Math.min(smallest, bytes(container.resources().request("memory")));
        }
        return smallest;
    }
}
