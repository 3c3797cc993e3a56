/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cri;

import java.util.List;

/**
 * The resource limits of a Windows container; 0 means not set.
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

    /** The processors of one group on which a container can run. */
    public record WindowsCpuGroupAffinity(long cpuMask, int cpuGroup) {}
}
