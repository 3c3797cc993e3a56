/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cri.grpc;

import io.jubelet.cri.ContainerId;
import io.jubelet.cri.ContainerStats;
import io.jubelet.cri.ContainerStatsFilter;
import io.jubelet.cri.CpuUsage;
import io.jubelet.cri.IoUsage;
import io.jubelet.cri.MemoryUsage;
import io.jubelet.cri.NetworkUsage;
import io.jubelet.cri.PodSandboxId;
import io.jubelet.cri.PodSandboxStats;
import io.jubelet.cri.PodSandboxStatsFilter;
import io.jubelet.cri.PsiStats;
import io.jubelet.cri.proto.Cri;

/** Resource usage: wire messages to records. */
final class StatsMapping {
    private StatsMapping() {}

    static Cri.PodSandboxStatsFilter toWire(PodSandboxStatsFilter filter) {
        Cri.PodSandboxStatsFilter.Builder wire =
                Cri.PodSandboxStatsFilter.newBuilder().putAllLabelSelector(filter.labelSelector());
        if (filter.id() != null) {
            wire.setId(filter.id().value());
        }
        return wire.build();
    }

    static PodSandboxStats fromWire(Cri.PodSandboxStats wire) {
        return new PodSandboxStats(
                fromWire(wire.getAttributes()),
                wire.hasLinux() ? fromWire(wire.getLinux()) : null,
                wire.hasWindows() ? WindowsMapping.fromWire(wire.getWindows()) : null);
    }

    static PodSandboxStats.PodSandboxAttributes fromWire(Cri.PodSandboxAttributes wire) {
        return new PodSandboxStats.PodSandboxAttributes(
                new PodSandboxId(wire.getId()),
                SandboxMapping.fromWire(wire.getMetadata()),
                wire.getLabelsMap(),
                wire.getAnnotationsMap());
    }

    static PodSandboxStats.LinuxPodSandboxStats fromWire(Cri.LinuxPodSandboxStats wire) {
        return new PodSandboxStats.LinuxPodSandboxStats(
                wire.hasCpu() ? fromWire(wire.getCpu()) : null,
                wire.hasMemory() ? fromWire(wire.getMemory()) : null,
                wire.hasNetwork() ? fromWire(wire.getNetwork()) : null,
                wire.hasProcess() ? fromWire(wire.getProcess()) : null,
                ValueMapping.map(wire.getContainersList(), StatsMapping::fromWire),
                wire.hasIo() ? fromWire(wire.getIo()) : null);
    }

    static PodSandboxStats.ProcessUsage fromWire(Cri.ProcessUsage wire) {
        return new PodSandboxStats.ProcessUsage(
                ValueMapping.instant(wire.getTimestamp()),
                wire.hasProcessCount() ? wire.getProcessCount().getValue() : null);
    }

    static NetworkUsage fromWire(Cri.NetworkUsage wire) {
        return new NetworkUsage(
                ValueMapping.instant(wire.getTimestamp()),
                wire.hasDefaultInterface() ? fromWire(wire.getDefaultInterface()) : null,
                ValueMapping.map(wire.getInterfacesList(), StatsMapping::fromWire));
    }

    static NetworkUsage.NetworkInterfaceUsage fromWire(Cri.NetworkInterfaceUsage wire) {
        return new NetworkUsage.NetworkInterfaceUsage(
                wire.getName(),
                wire.hasRxBytes() ? wire.getRxBytes().getValue() : null,
                wire.hasRxErrors() ? wire.getRxErrors().getValue() : null,
                wire.hasTxBytes() ? wire.getTxBytes().getValue() : null,
                wire.hasTxErrors() ? wire.getTxErrors().getValue() : null);
    }

    static CpuUsage fromWire(Cri.CpuUsage wire) {
        return new CpuUsage(
                ValueMapping.instant(wire.getTimestamp()),
                wire.hasUsageCoreNanoSeconds() ? wire.getUsageCoreNanoSeconds().getValue() : null,
                wire.hasUsageNanoCores() ? wire.getUsageNanoCores().getValue() : null,
                wire.hasPsi() ? fromWire(wire.getPsi()) : null);
    }

    static MemoryUsage fromWire(Cri.MemoryUsage wire) {
        return new MemoryUsage(
                ValueMapping.instant(wire.getTimestamp()),
                wire.hasWorkingSetBytes() ? wire.getWorkingSetBytes().getValue() : null,
                wire.hasAvailableBytes() ? wire.getAvailableBytes().getValue() : null,
                wire.hasUsageBytes() ? wire.getUsageBytes().getValue() : null,
                wire.hasRssBytes() ? wire.getRssBytes().getValue() : null,
                wire.hasPageFaults() ? wire.getPageFaults().getValue() : null,
                wire.hasMajorPageFaults() ? wire.getMajorPageFaults().getValue() : null,
                wire.hasPsi() ? fromWire(wire.getPsi()) : null);
    }

    static IoUsage fromWire(Cri.IoUsage wire) {
        return new IoUsage(ValueMapping.instant(wire.getTimestamp()), wire.hasPsi() ? fromWire(wire.getPsi()) : null);
    }

    static PsiStats fromWire(Cri.PsiStats wire) {
        return new PsiStats(
                wire.hasFull() ? fromWire(wire.getFull()) : null, wire.hasSome() ? fromWire(wire.getSome()) : null);
    }

    static PsiStats.PsiData fromWire(Cri.PsiData wire) {
        return new PsiStats.PsiData(wire.getTotal(), wire.getAvg10(), wire.getAvg60(), wire.getAvg300());
    }

    static ContainerStats fromWire(Cri.ContainerStats wire) {
        return new ContainerStats(
                fromWire(wire.getAttributes()),
                wire.hasCpu() ? fromWire(wire.getCpu()) : null,
                wire.hasMemory() ? fromWire(wire.getMemory()) : null,
                wire.hasWritableLayer() ? ImageMapping.fromWire(wire.getWritableLayer()) : null,
                wire.hasSwap() ? fromWire(wire.getSwap()) : null,
                wire.hasIo() ? fromWire(wire.getIo()) : null);
    }

    static ContainerStats.ContainerAttributes fromWire(Cri.ContainerAttributes wire) {
        return new ContainerStats.ContainerAttributes(
                new ContainerId(wire.getId()),
                ContainerMapping.fromWire(wire.getMetadata()),
                wire.getLabelsMap(),
                wire.getAnnotationsMap());
    }

    static ContainerStats.SwapUsage fromWire(Cri.SwapUsage wire) {
        return new ContainerStats.SwapUsage(
                ValueMapping.instant(wire.getTimestamp()),
                wire.hasSwapAvailableBytes() ? wire.getSwapAvailableBytes().getValue() : null,
                wire.hasSwapUsageBytes() ? wire.getSwapUsageBytes().getValue() : null);
    }

    static Cri.ContainerStatsFilter toWire(ContainerStatsFilter filter) {
        Cri.ContainerStatsFilter.Builder wire =
                Cri.ContainerStatsFilter.newBuilder().putAllLabelSelector(filter.labelSelector());
        if (filter.id() != null) {
            wire.setId(filter.id().value());
        }
        if (filter.podSandboxId() != null) {
            wire.setPodSandboxId(filter.podSandboxId().value());
        }
        return wire.build();
    }
}
