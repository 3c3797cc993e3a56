/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cri.simulated;

import io.jubelet.cri.ContainerStats;
import io.jubelet.cri.ContainerStats.ContainerAttributes;
import io.jubelet.cri.CpuUsage;
import io.jubelet.cri.MemoryUsage;
import io.jubelet.cri.PodSandboxStats;
import io.jubelet.cri.PodSandboxStats.LinuxPodSandboxStats;
import io.jubelet.cri.PodSandboxStats.PodSandboxAttributes;
import io.jubelet.cri.PodSandboxStats.ProcessUsage;
import java.time.Instant;
import java.util.List;

/**
 * Creates resource usages in the form of a real runtime; the values are 0, because there are no
 * processes.
 */
final class SimulatedStats {
    private SimulatedStats() {}

    static ContainerStats of(SimulatedContainer container, SimulatedClock clock) {
        Instant now = clock.instant();
        return new ContainerStats(
                new ContainerAttributes(
                        container.id,
                        container.config.metadata(),
                        container.config.labels(),
                        container.config.annotations()),
                cpu(now),
                memory(now),
                null,
                null,
                null);
    }

    static PodSandboxStats of(SimulatedSandbox sandbox, SimulatedClock clock) {
        Instant now = clock.instant();
        List<ContainerStats> containers =
                sandbox.containers.stream().map(each -> of(each, clock)).toList();
        return new PodSandboxStats(
                new PodSandboxAttributes(
                        sandbox.id, sandbox.config.metadata(), sandbox.config.labels(), sandbox.config.annotations()),
                new LinuxPodSandboxStats(
                        cpu(now), memory(now), null, new ProcessUsage(now, (long) containers.size()), containers, null),
                null);
    }

    private static CpuUsage cpu(Instant now) {
        return new CpuUsage(now, 0L, 0L, null);
    }

    private static MemoryUsage memory(Instant now) {
        return new MemoryUsage(now, 0L, 0L, 0L, 0L, 0L, 0L, null);
    }
}
