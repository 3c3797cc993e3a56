package io.jubelet.criconfig;

import io.jubelet.node.NodeCapacity;
import io.jubelet.node.NodeFacts;
import io.jubelet.pod.Pod;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * What the node adds to every pod's configuration.
 *
 * @param name of the node
 * @param podLogsDir where the log directories of pods are
 * @param names how pods resolve names
 * @param memoryBytes all memory of the node, 0 when unknown
 * @param cpuPeriod the period of CPU quotas; empty when CPU limits are not enforced by quotas
 * @param cgroupV2 whether cgroup v2 alone is in use
 * @param swapLimits whether the kernel can limit swap for each cgroup
 * @param thermalThrottlePaths files of the processors which containers shall not read
 * @param ips addresses of the node, the primary first; may be empty
 * @param capacity what the node has for pods; asked for each container that wants to know
 * @param cgroups how cgroups are made here
 */
public record NodeProfile(
        String name,
        Path podLogsDir,
        NameResolution names,
        long memoryBytes,
        Optional<Duration> cpuPeriod,
        boolean cgroupV2,
        boolean swapLimits,
        List<String> thermalThrottlePaths,
        List<String> ips,
        Supplier<NodeCapacity> capacity,
        Cgroups cgroups) {

    /**
     * How cgroups are made here.
     *
     * @param hugePageSizes as cgroups name them, such as {@code 2MB}
     * @param killTogether whether all processes of a container are killed when it runs out of memory, with cgroup v2
     * @param parent of a pod's sandbox and containers, as the runtime wants it; empty for none. May ask the runtime
     */
    public record Cgroups(List<String> hugePageSizes, boolean killTogether, Function<Pod, String> parent) {

        /** No huge pages, and no cgroups of pods. */
        public static final Cgroups NONE = new Cgroups(List.of(), true, _ -> "");

        public Cgroups {
            hugePageSizes = List.copyOf(hugePageSizes);
            Objects.requireNonNull(parent, "parent");
        }
    }

    public NodeProfile {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(podLogsDir, "podLogsDir");
        Objects.requireNonNull(names, "names");
        Objects.requireNonNull(cpuPeriod, "cpuPeriod");
        thermalThrottlePaths = List.copyOf(thermalThrottlePaths);
        ips = List.copyOf(ips);
        Objects.requireNonNull(capacity, "capacity");
        Objects.requireNonNull(cgroups, "cgroups");
    }

    /**
     * The profile that follows from the facts of the node and its settings.
     *
     * @param ips addresses of the node, the primary first; may be empty
     * @param allocatable what the node has for pods; blocks for some small files
     */
    public static NodeProfile of(
            String name,
            Path podLogsDir,
            NodeFacts facts,
            NameResolution names,
            Optional<Duration> cpuPeriod,
            List<String> ips,
            Supplier<NodeCapacity> allocatable,
            Cgroups cgroups) {
        return new NodeProfile(
                name,
                podLogsDir,
                names,
                facts.memoryBytes(),
                cpuPeriod,
                facts.cgroupV2(),
                facts.swapLimits(),
                facts.thermalThrottlePaths(),
                ips,
                allocatable,
                cgroups);
    }

    /** The same, where pods have no cgroups. */
    public NodeProfile withoutCgroups() {
        return new NodeProfile(
                name,
                podLogsDir,
                names,
                memoryBytes,
                cpuPeriod,
                cgroupV2,
                swapLimits,
                thermalThrottlePaths,
                ips,
                capacity,
                Cgroups.NONE);
    }
}
