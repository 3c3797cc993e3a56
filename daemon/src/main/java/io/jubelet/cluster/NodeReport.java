package io.jubelet.cluster;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * What is to be told of the node at one moment.
 *
 * @param ips its addresses, the primary first
 * @param capacity amounts by resource, as quantities
 * @param allocatable the same, of what pods may take
 * @param machine facts by field of v1 NodeSystemInfo
 * @param images what the runtime has, the largest first; no more than are to be told
 * @param pressures what it is short of, and what was measured
 * @param notRun pods that the cluster has sent here, {@code namespace/name}
 * @param notReady why it is not ready; empty when it is
 */
public record NodeReport(
        List<String> ips,
        Map<String, String> capacity,
        Map<String, String> allocatable,
        Map<String, String> machine,
        List<Image> images,
        Map<Pressure, String> pressures,
        List<String> notRun,
        Optional<String> notReady) {

    /**
     * An image of the node.
     *
     * @param names with digests and with tags
     */
    public record Image(List<String> names, long bytes) {
        public Image {
            names = List.copyOf(names);
        }
    }

    /** What a node can be short of. */
    public enum Pressure {
        MEMORY,
        DISK,
        PID
    }

    public NodeReport {
        ips = List.copyOf(ips);
        capacity = Map.copyOf(capacity);
        allocatable = Map.copyOf(allocatable);
        machine = Map.copyOf(machine);
        images = List.copyOf(images);
        pressures = Map.copyOf(pressures);
        notRun = List.copyOf(notRun);
        Objects.requireNonNull(notReady, "notReady");
    }

    /** This, with pods that the cluster has sent here and that are not run. */
    NodeReport notRunning(List<String> pods) {
        return new NodeReport(ips, capacity, allocatable, machine, images, pressures, pods, notReady);
    }
}
