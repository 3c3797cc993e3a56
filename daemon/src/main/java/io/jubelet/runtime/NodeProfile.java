package io.jubelet.runtime;

import io.jubelet.cri.PodSandboxConfig.DNSConfig;
import io.jubelet.node.NodeFacts;
import io.jubelet.node.ResolvConf;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * What the node adds to every pod's configuration.
 *
 * @param name of the node
 * @param podLogsDir where the log directories of pods are
 * @param dns name resolution of the node, which pods inherit; asked for each sandbox, for it changes while the daemon lives
 * @param memoryBytes all memory of the node, 0 when unknown
 * @param cpuPeriod the period of CPU quotas; empty when CPU limits are not enforced by quotas
 * @param cgroupV2 whether cgroup v2 alone is in use
 * @param swapLimits whether the kernel can limit swap for each cgroup
 * @param thermalThrottlePaths files of the processors which containers shall not read
 */
public record NodeProfile(
        String name,
        Path podLogsDir,
        Supplier<DNSConfig> dns,
        long memoryBytes,
        Optional<Duration> cpuPeriod,
        boolean cgroupV2,
        boolean swapLimits,
        List<String> thermalThrottlePaths) {

    public NodeProfile {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(podLogsDir, "podLogsDir");
        Objects.requireNonNull(dns, "dns");
        Objects.requireNonNull(cpuPeriod, "cpuPeriod");
        thermalThrottlePaths = List.copyOf(thermalThrottlePaths);
    }

    /** The profile that follows from the facts of the node and its settings. */
    public static NodeProfile of(
            String name,
            Path podLogsDir,
            NodeFacts facts,
            Supplier<ResolvConf> resolvConf,
            Optional<Duration> cpuPeriod) {
        return new NodeProfile(
                name,
                podLogsDir,
                () -> {
                    ResolvConf now = resolvConf.get();
                    return new DNSConfig(now.servers(), now.searches(), now.options());
                },
                facts.memoryBytes(),
                cpuPeriod,
                facts.cgroupV2(),
                facts.swapLimits(),
                facts.thermalThrottlePaths());
    }
}
