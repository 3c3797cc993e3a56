/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cri.grpc;

import io.jubelet.cri.WindowsContainerConfig;
import io.jubelet.cri.WindowsContainerStats;
import io.jubelet.cri.WindowsPodSandboxConfig;
import io.jubelet.cri.WindowsPodSandboxStats;
import io.jubelet.cri.proto.Cri;

/**
 * Windows: records to wire messages and back. The class is loaded only if a message has a part for
 * Windows.
 */
final class WindowsMapping {
    private WindowsMapping() {}

    static Cri.WindowsPodSandboxConfig toWire(WindowsPodSandboxConfig config) {
        Cri.WindowsPodSandboxConfig.Builder wire = Cri.WindowsPodSandboxConfig.newBuilder();
        if (config.securityContext() != null) {
            wire.setSecurityContext(toWire(config.securityContext()));
        }
        return wire.build();
    }

    static Cri.WindowsSandboxSecurityContext toWire(WindowsPodSandboxConfig.WindowsSandboxSecurityContext context) {
        Cri.WindowsSandboxSecurityContext.Builder wire = Cri.WindowsSandboxSecurityContext.newBuilder()
                .setRunAsUsername(context.runAsUsername())
                .setCredentialSpec(context.credentialSpec())
                .setHostProcess(context.hostProcess());
        if (context.namespaceOptions() != null) {
            wire.setNamespaceOptions(toWire(context.namespaceOptions()));
        }
        return wire.build();
    }

    static Cri.WindowsNamespaceOption toWire(WindowsPodSandboxConfig.WindowsNamespaceOption option) {
        return Cri.WindowsNamespaceOption.newBuilder()
                .setNetwork(EnumMapping.toWire(option.network()))
                .build();
    }

    static Cri.WindowsContainerConfig toWire(WindowsContainerConfig config) {
        Cri.WindowsContainerConfig.Builder wire = Cri.WindowsContainerConfig.newBuilder();
        if (config.resources() != null) {
            wire.setResources(ResourcesMapping.toWire(config.resources()));
        }
        if (config.securityContext() != null) {
            wire.setSecurityContext(toWire(config.securityContext()));
        }
        return wire.build();
    }

    static Cri.WindowsContainerSecurityContext toWire(WindowsContainerConfig.WindowsContainerSecurityContext context) {
        return Cri.WindowsContainerSecurityContext.newBuilder()
                .setRunAsUsername(context.runAsUsername())
                .setCredentialSpec(context.credentialSpec())
                .setHostProcess(context.hostProcess())
                .build();
    }

    static WindowsPodSandboxStats fromWire(Cri.WindowsPodSandboxStats wire) {
        return new WindowsPodSandboxStats(
                wire.hasCpu() ? fromWire(wire.getCpu()) : null,
                wire.hasMemory() ? fromWire(wire.getMemory()) : null,
                wire.hasNetwork() ? fromWire(wire.getNetwork()) : null,
                wire.hasProcess() ? fromWire(wire.getProcess()) : null,
                ValueMapping.map(wire.getContainersList(), WindowsMapping::fromWire));
    }

    static WindowsPodSandboxStats.WindowsNetworkUsage fromWire(Cri.WindowsNetworkUsage wire) {
        return new WindowsPodSandboxStats.WindowsNetworkUsage(
                ValueMapping.instant(wire.getTimestamp()),
                wire.hasDefaultInterface() ? fromWire(wire.getDefaultInterface()) : null,
                ValueMapping.map(wire.getInterfacesList(), WindowsMapping::fromWire));
    }

    static WindowsPodSandboxStats.WindowsNetworkInterfaceUsage fromWire(Cri.WindowsNetworkInterfaceUsage wire) {
        return new WindowsPodSandboxStats.WindowsNetworkInterfaceUsage(
                wire.getName(),
                wire.hasRxBytes() ? wire.getRxBytes().getValue() : null,
                wire.hasRxPacketsDropped() ? wire.getRxPacketsDropped().getValue() : null,
                wire.hasTxBytes() ? wire.getTxBytes().getValue() : null,
                wire.hasTxPacketsDropped() ? wire.getTxPacketsDropped().getValue() : null);
    }

    static WindowsPodSandboxStats.WindowsProcessUsage fromWire(Cri.WindowsProcessUsage wire) {
        return new WindowsPodSandboxStats.WindowsProcessUsage(
                ValueMapping.instant(wire.getTimestamp()),
                wire.hasProcessCount() ? wire.getProcessCount().getValue() : null);
    }

    static WindowsContainerStats fromWire(Cri.WindowsContainerStats wire) {
        return new WindowsContainerStats(
                StatsMapping.fromWire(wire.getAttributes()),
                wire.hasCpu() ? fromWire(wire.getCpu()) : null,
                wire.hasMemory() ? fromWire(wire.getMemory()) : null,
                wire.hasWritableLayer() ? fromWire(wire.getWritableLayer()) : null);
    }

    static WindowsContainerStats.WindowsCpuUsage fromWire(Cri.WindowsCpuUsage wire) {
        return new WindowsContainerStats.WindowsCpuUsage(
                ValueMapping.instant(wire.getTimestamp()),
                wire.hasUsageCoreNanoSeconds() ? wire.getUsageCoreNanoSeconds().getValue() : null,
                wire.hasUsageNanoCores() ? wire.getUsageNanoCores().getValue() : null);
    }

    static WindowsContainerStats.WindowsMemoryUsage fromWire(Cri.WindowsMemoryUsage wire) {
        return new WindowsContainerStats.WindowsMemoryUsage(
                ValueMapping.instant(wire.getTimestamp()),
                wire.hasWorkingSetBytes() ? wire.getWorkingSetBytes().getValue() : null,
                wire.hasAvailableBytes() ? wire.getAvailableBytes().getValue() : null,
                wire.hasPageFaults() ? wire.getPageFaults().getValue() : null,
                wire.hasCommitMemoryBytes() ? wire.getCommitMemoryBytes().getValue() : null);
    }

    static WindowsContainerStats.WindowsFilesystemUsage fromWire(Cri.WindowsFilesystemUsage wire) {
        return new WindowsContainerStats.WindowsFilesystemUsage(
                ValueMapping.instant(wire.getTimestamp()),
                wire.hasFsId() ? ImageMapping.fromWire(wire.getFsId()) : null,
                wire.hasUsedBytes() ? wire.getUsedBytes().getValue() : null);
    }
}
