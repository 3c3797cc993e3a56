/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cri.grpc;

import io.jubelet.cri.ContainerResources;
import io.jubelet.cri.LinuxContainerResources;
import io.jubelet.cri.WindowsContainerResources;
import io.jubelet.cri.proto.Cri;

/** Resource limits: records to wire messages and back. */
final class ResourcesMapping {
    private ResourcesMapping() {}

    static Cri.LinuxContainerResources toWire(LinuxContainerResources resources) {
        Cri.LinuxContainerResources.Builder wire = Cri.LinuxContainerResources.newBuilder()
                .setCpuPeriod(resources.cpuPeriod())
                .setCpuQuota(resources.cpuQuota())
                .setCpuShares(resources.cpuShares())
                .setMemoryLimitInBytes(resources.memoryLimitInBytes())
                .setOomScoreAdj(resources.oomScoreAdj())
                .setCpusetCpus(resources.cpusetCpus())
                .setCpusetMems(resources.cpusetMems())
                .putAllUnified(resources.unified())
                .setMemorySwapLimitInBytes(resources.memorySwapLimitInBytes());
        for (LinuxContainerResources.HugepageLimit each : resources.hugepageLimits()) {
            wire.addHugepageLimits(toWire(each));
        }
        return wire.build();
    }

    static LinuxContainerResources fromWire(Cri.LinuxContainerResources wire) {
        return new LinuxContainerResources(
                wire.getCpuPeriod(),
                wire.getCpuQuota(),
                wire.getCpuShares(),
                wire.getMemoryLimitInBytes(),
                wire.getOomScoreAdj(),
                wire.getCpusetCpus(),
                wire.getCpusetMems(),
                ValueMapping.map(wire.getHugepageLimitsList(), ResourcesMapping::fromWire),
                wire.getUnifiedMap(),
                wire.getMemorySwapLimitInBytes());
    }

    static Cri.HugepageLimit toWire(LinuxContainerResources.HugepageLimit limit) {
        return Cri.HugepageLimit.newBuilder()
                .setPageSize(limit.pageSize())
                .setLimit(limit.limit())
                .build();
    }

    static LinuxContainerResources.HugepageLimit fromWire(Cri.HugepageLimit wire) {
        return new LinuxContainerResources.HugepageLimit(wire.getPageSize(), wire.getLimit());
    }

    static ContainerResources fromWire(Cri.ContainerResources wire) {
        return new ContainerResources(
                wire.hasLinux() ? fromWire(wire.getLinux()) : null,
                wire.hasWindows() ? fromWire(wire.getWindows()) : null);
    }

    static Cri.WindowsContainerResources toWire(WindowsContainerResources resources) {
        Cri.WindowsContainerResources.Builder wire = Cri.WindowsContainerResources.newBuilder()
                .setCpuShares(resources.cpuShares())
                .setCpuCount(resources.cpuCount())
                .setCpuMaximum(resources.cpuMaximum())
                .setMemoryLimitInBytes(resources.memoryLimitInBytes())
                .setRootfsSizeInBytes(resources.rootfsSizeInBytes());
        for (WindowsContainerResources.WindowsCpuGroupAffinity each : resources.affinityCpus()) {
            wire.addAffinityCpus(toWire(each));
        }
        return wire.build();
    }

    static WindowsContainerResources fromWire(Cri.WindowsContainerResources wire) {
        return new WindowsContainerResources(
                wire.getCpuShares(),
                wire.getCpuCount(),
                wire.getCpuMaximum(),
                wire.getMemoryLimitInBytes(),
                wire.getRootfsSizeInBytes(),
                ValueMapping.map(wire.getAffinityCpusList(), ResourcesMapping::fromWire));
    }

    static Cri.WindowsCpuGroupAffinity toWire(WindowsContainerResources.WindowsCpuGroupAffinity affinity) {
        return Cri.WindowsCpuGroupAffinity.newBuilder()
                .setCpuMask(affinity.cpuMask())
                .setCpuGroup(affinity.cpuGroup())
                .build();
    }

    static WindowsContainerResources.WindowsCpuGroupAffinity fromWire(Cri.WindowsCpuGroupAffinity wire) {
        return new WindowsContainerResources.WindowsCpuGroupAffinity(wire.getCpuMask(), wire.getCpuGroup());
    }
}
