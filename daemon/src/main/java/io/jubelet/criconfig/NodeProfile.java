/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.criconfig;

import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * What the node adds to the configuration of every pod. Only its addresses may change.
 *
 * @param name the name of the node
 * @param addresses the present IP addresses of the node, the primary one first; may be empty
 * @param dns the DNS service of the cluster
 * @param cgroups what the cgroups of containers can limit
 * @param memoryBytes the memory of the node in bytes, 0 if unknown
 * @param thermalThrottlePaths files of the processors that containers must not read
 */
public record NodeProfile(
        String name,
        Supplier<List<String>> addresses,
        ClusterDns dns,
        Cgroups cgroups,
        long memoryBytes,
        List<String> thermalThrottlePaths) {

    /**
     * What the cgroups of containers can limit, and how.
     *
     * @param cpuPeriod the period of CPU quotas; empty if CPU limits are not enforced by quotas
     * @param v2 whether cgroup v2 alone is in use
     * @param swapLimits whether the kernel can limit swap for each cgroup
     * @param hugePageSizes the sizes that the kernel has, as cgroups name them, such as {@code 2MB}
     * @param killTogether whether the kernel kills all processes of a container when it runs out of
     *     memory; only cgroup v2 can
     */
    public record Cgroups(
            Optional<Duration> cpuPeriod,
            boolean v2,
            boolean swapLimits,
            List<String> hugePageSizes,
            boolean killTogether) {

        /** Cgroup v1 without quotas, swap limits and huge pages. */
        public static final Cgroups BASIC = new Cgroups(Optional.empty(), false, false, List.of(), true);

        public Cgroups {
            Objects.requireNonNull(cpuPeriod, "cpuPeriod");
            hugePageSizes = List.copyOf(hugePageSizes);
        }
    }

    public NodeProfile {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(addresses, "addresses");
        Objects.requireNonNull(dns, "dns");
        Objects.requireNonNull(cgroups, "cgroups");
        thermalThrottlePaths = List.copyOf(thermalThrottlePaths);
    }

    /** A node whose addresses do not change. */
    public NodeProfile(
            String name,
            List<String> ips,
            ClusterDns dns,
            Cgroups cgroups,
            long memoryBytes,
            List<String> thermalThrottlePaths) {
        this(name, () -> ips, dns, cgroups, memoryBytes, thermalThrottlePaths);
    }

    /** The IP addresses of the node, the primary one first; may be empty. */
    public List<String> ips() {
        return addresses.get();
    }
}
