package io.jubelet.cri;

import java.time.Instant;
import java.util.List;
import java.util.Objects;

/**
 * Network traffic of a sandbox.
 *
 * @param timestamp when this was measured; null when unknown
 * @param defaultInterface null when absent
 */
public record NetworkUsage(
        Instant timestamp, NetworkInterfaceUsage defaultInterface, List<NetworkInterfaceUsage> interfaces) {
    public NetworkUsage {
        interfaces = List.copyOf(interfaces);
    }

    /**
     * Traffic of one network interface since it came up.
     *
     * @param rxBytes null when absent
     * @param rxErrors null when absent
     * @param txBytes null when absent
     * @param txErrors null when absent
     */
    public record NetworkInterfaceUsage(String name, Long rxBytes, Long rxErrors, Long txBytes, Long txErrors) {
        public NetworkInterfaceUsage {
            Objects.requireNonNull(name, "name");
        }
    }
}
