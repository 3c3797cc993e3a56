/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cri;

import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The Windows part of sandbox statistics.
 *
 * @param cpu null if not reported
 * @param memory null if not reported
 * @param network null if not reported
 * @param process null if not reported
 */
public record WindowsPodSandboxStats(
        WindowsContainerStats.@Nullable WindowsCpuUsage cpu,
        WindowsContainerStats.@Nullable WindowsMemoryUsage memory,
        @Nullable WindowsNetworkUsage network,
        @Nullable WindowsProcessUsage process,
        List<WindowsContainerStats> containers) {
    public WindowsPodSandboxStats {
        containers = List.copyOf(containers);
    }

    /**
     * The network traffic of a Windows sandbox.
     *
     * @param timestamp the time of the measurement; null if unknown
     * @param defaultInterface null if not reported
     */
    public record WindowsNetworkUsage(
            @Nullable Instant timestamp,
            @Nullable WindowsNetworkInterfaceUsage defaultInterface,
            List<WindowsNetworkInterfaceUsage> interfaces) {
        public WindowsNetworkUsage {
            interfaces = List.copyOf(interfaces);
        }
    }

    /**
     * The traffic of one network interface of a Windows sandbox.
     *
     * @param rxBytes null if not reported
     * @param rxPacketsDropped null if not reported
     * @param txBytes null if not reported
     * @param txPacketsDropped null if not reported
     */
    public record WindowsNetworkInterfaceUsage(
            String name,
            @Nullable Long rxBytes,
            @Nullable Long rxPacketsDropped,
            @Nullable Long txBytes,
            @Nullable Long txPacketsDropped) {
        public WindowsNetworkInterfaceUsage {
            Objects.requireNonNull(name, "name");
        }
    }

    /**
     * The number of processes in a Windows sandbox.
     *
     * @param timestamp the time of the measurement; null if unknown
     * @param processCount null if not reported
     */
    public record WindowsProcessUsage(
            @Nullable Instant timestamp, @Nullable Long processCount) {}
}
