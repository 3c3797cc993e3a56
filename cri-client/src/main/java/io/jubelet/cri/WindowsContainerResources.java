package io.jubelet.cri;

import java.util.List;

/**
 * Resource limits of a Windows container; zero means unset.
 *
 * @param memoryLimitInBytes bytes
 */
public record WindowsContainerResources(
        long cpuShares,
        long cpuCount,
        long cpuMaximum,
        long memoryLimitInBytes,
        long rootfsSizeInBytes,
        List<WindowsCpuGroupAffinity> affinityCpus) {
    public WindowsContainerResources {
        affinityCpus = List.copyOf(affinityCpus);
    }

    /** Processors of one group a container may run on. */
    public record WindowsCpuGroupAffinity(long cpuMask, int cpuGroup) {}
}
