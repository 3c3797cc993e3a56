/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.stats;

import io.jubelet.cgroup.CgroupUsage;
import io.jubelet.cri.ContainerStats;
import io.jubelet.cri.CpuUsage;
import io.jubelet.cri.FilesystemUsage;
import io.jubelet.cri.IoUsage;
import io.jubelet.cri.MemoryUsage;
import io.jubelet.cri.NetworkUsage;
import io.jubelet.cri.PodSandboxStats;
import io.jubelet.cri.PsiStats;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * Maps statistics of the CRI. The rate that the runtime reports is not used: containerd computes it since the last call of any
 * client, and reports zero for the first call.
 */
final class RuntimeStats {

    private RuntimeStats() {}

    static Usage usage(ContainerStats stats, InstantSource clock) {
        return new Usage(
                cpu(stats.cpu(), clock),
                memory(stats.memory(), clock),
                swap(stats.swap(), clock),
                io(stats.io(), clock));
    }

    static Optional<Usage.Cpu> cpu(@Nullable CpuUsage cpu, InstantSource clock) {
        return cpu == null || cpu.usageCoreNanoSeconds() == null
                ? Optional.empty()
                : Optional.of(new Usage.Cpu(
                        time(cpu.timestamp(), clock),
                        OptionalLong.empty(),
                        value(cpu.usageCoreNanoSeconds()),
                        pressure(cpu.psi())));
    }

    static Optional<Usage.Memory> memory(@Nullable MemoryUsage memory, InstantSource clock) {
        return memory == null
                ? Optional.empty()
                : Optional.of(new Usage.Memory(
                        time(memory.timestamp(), clock),
                        available(memory),
                        value(memory.usageBytes()),
                        value(memory.workingSetBytes()),
                        value(memory.rssBytes()),
                        new Usage.PageFaults(value(memory.pageFaults()), value(memory.majorPageFaults())),
                        pressure(memory.psi())));
    }

    /** containerd reports zero, or all that a number can hold less the working set, if there is no limit. */
    private static OptionalLong available(MemoryUsage memory) {
        OptionalLong available = value(memory.availableBytes());
        return available.isPresent() && available.getAsLong() > 0 && available.getAsLong() < 1L << 62
                ? available
                : OptionalLong.empty();
    }

    private static Optional<Usage.Swap> swap(ContainerStats.@Nullable SwapUsage swap, InstantSource clock) {
        return swap == null
                ? Optional.empty()
                : Optional.of(new Usage.Swap(
                        time(swap.timestamp(), clock), value(swap.swapAvailableBytes()), value(swap.swapUsageBytes())));
    }

    static Optional<Usage.Io> io(@Nullable IoUsage io, InstantSource clock) {
        return io == null
                ? Optional.empty()
                : Optional.of(new Usage.Io(time(io.timestamp(), clock), pressure(io.psi())));
    }

    private static Optional<CgroupUsage.Pressure> pressure(@Nullable PsiStats psi) {
        return psi == null
                ? Optional.empty()
                : Optional.of(new CgroupUsage.Pressure(stall(psi.some()), stall(psi.full())));
    }

    private static CgroupUsage.Stall stall(PsiStats.@Nullable PsiData data) {
        return data == null
                ? CgroupUsage.Stall.NONE
                : new CgroupUsage.Stall(data.total(), data.avg10(), data.avg60(), data.avg300());
    }

    static OptionalLong processes(PodSandboxStats.@Nullable ProcessUsage process) {
        return process == null ? OptionalLong.empty() : value(process.processCount());
    }

    static Optional<Summary.Network> network(@Nullable NetworkUsage network, InstantSource clock) {
        if (network == null) {
            return Optional.empty();
        }
        NetworkUsage.NetworkInterfaceUsage main = network.defaultInterface();
        return Optional.of(new Summary.Network(
                time(network.timestamp(), clock),
                main == null ? Optional.empty() : Optional.of(traffic(main)),
                network.interfaces().stream().map(RuntimeStats::traffic).toList()));
    }

    private static Summary.Interface traffic(NetworkUsage.NetworkInterfaceUsage usage) {
        return new Summary.Interface(
                usage.name(),
                value(usage.rxBytes()),
                value(usage.rxErrors()),
                value(usage.txBytes()),
                value(usage.txErrors()));
    }

    /** What a part of a file system uses; the size of the file system is added where it is known. */
    static Optional<Summary.FileSystem> fileSystem(@Nullable FilesystemUsage usage, InstantSource clock) {
        return usage == null
                ? Optional.empty()
                : Optional.of(new Summary.FileSystem(
                        time(usage.timestamp(), clock),
                        Summary.Size.UNKNOWN,
                        value(usage.usedBytes()),
                        value(usage.inodesUsed())));
    }

    private static Instant time(@Nullable Instant reported, InstantSource clock) {
        return reported == null ? clock.instant() : reported;
    }

    private static OptionalLong value(@Nullable Long reported) {
        return reported == null ? OptionalLong.empty() : OptionalLong.of(reported);
    }
}
