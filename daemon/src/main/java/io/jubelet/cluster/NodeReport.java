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
 * @param nodeInfo facts by field of v1 NodeSystemInfo
 * @param images what the runtime has, the largest first; no more than are to be told
 * @param pressures what it is short of, and what was measured
 * @param podsNotRun pods that the cluster has sent here, {@code namespace/name}
 * @param notReady why it is not ready; empty when it is
 */
public record NodeReport(
        List<String> ips,
        Map<String, String> capacity,
        Map<String, String> allocatable,
        Map<String, String> nodeInfo,
        List<Image> images,
        Map<Pressure, String> pressures,
        List<String> podsNotRun,
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
        nodeInfo = Map.copyOf(nodeInfo);
        images = List.copyOf(images);
        pressures = Map.copyOf(pressures);
        podsNotRun = List.copyOf(podsNotRun);
        Objects.requireNonNull(notReady, "notReady");
    }

    /** This, with pods that the cluster has sent here and that are not run. */
    NodeReport withPodsNotRun(List<String> pods) {
        return new NodeReport(ips, capacity, allocatable, nodeInfo, images, pressures, pods, notReady);
    }
}
