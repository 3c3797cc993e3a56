package io.jubelet.cri;

import java.time.Instant;
import java.util.List;
import java.util.Objects;

/**
 * The Windows part of sandbox statistics.
 *
 * @param cpu null when absent
 * @param memory null when absent
 * @param network null when absent
 * @param process null when absent
 */
public record WindowsPodSandboxStats(
        WindowsContainerStats.WindowsCpuUsage cpu,
        WindowsContainerStats.WindowsMemoryUsage memory,
        WindowsNetworkUsage network,
        WindowsProcessUsage process,
        List<WindowsContainerStats> containers) {
    public WindowsPodSandboxStats {
        containers = List.copyOf(containers);
    }

    /**
     * Network traffic of a Windows sandbox.
     *
     * @param timestamp when this was measured; null when unknown
     * @param defaultInterface null when absent
     */
    public record WindowsNetworkUsage(
            Instant timestamp,
            WindowsNetworkInterfaceUsage defaultInterface,
            List<WindowsNetworkInterfaceUsage> interfaces) {
        public WindowsNetworkUsage {
            interfaces = List.copyOf(interfaces);
        }
    }

    /**
     * Traffic of one network interface of a Windows sandbox.
     *
     * @param rxBytes null when absent
     * @param rxPacketsDropped null when absent
     * @param txBytes null when absent
     * @param txPacketsDropped null when absent
     */
    public record WindowsNetworkInterfaceUsage(
            String name, Long rxBytes, Long rxPacketsDropped, Long txBytes, Long txPacketsDropped) {
        public WindowsNetworkInterfaceUsage {
            Objects.requireNonNull(name, "name");
        }
    }

    /**
     * How many processes there are in a Windows sandbox.
     *
     * @param timestamp when this was measured; null when unknown
     * @param processCount null when absent
     */
    public record WindowsProcessUsage(Instant timestamp, Long processCount) {}
}
