package io.jubelet.cluster;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * What is to be told of the node at one moment.
 *
 * @param ips its addresses, the primary first
 * @param hostName its name as the host has it
 * @param capacity amounts by resource, as quantities
 * @param allocatable the same, of what pods may take
 * @param machine facts by field of v1 NodeSystemInfo
 * @param notReady why it is not ready; empty when it is
 */
public record NodeReport(
        List<String> ips,
        String hostName,
        Map<String, String> capacity,
        Map<String, String> allocatable,
        Map<String, String> machine,
        Optional<String> notReady) {

    public NodeReport {
        ips = List.copyOf(ips);
        Objects.requireNonNull(hostName, "hostName");
        capacity = Map.copyOf(capacity);
        allocatable = Map.copyOf(allocatable);
        machine = Map.copyOf(machine);
        Objects.requireNonNull(notReady, "notReady");
    }
}
