package io.jubelet.cluster;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * What the configuration says of the node in its cluster.
 *
 * @param nodeName the name of the Node
 * @param registerNode whether we make the Node, or wait until somebody else has
 * @param labels all labels of the node, those among them that a node may not give itself too
 * @param annotations with which it is registered
 * @param taints with which it is registered
 * @param providerId what a cloud calls the machine; may be empty
 * @param port where the API server finds pods' logs; 0 for nowhere
 * @param statusUpdateFrequency how often the status is computed, and sent if it changed
 * @param statusReportFrequency how often it is sent though it has not changed
 * @param leaseDuration after which others may think that we are gone; it is renewed four times as often
 * @param eventsPerSecond how many events are sent in a second in the long run; 0 for no limit
 * @param eventBurst how many at once
 */
public record ClusterSettings(
        String nodeName,
        boolean registerNode,
        Map<String, String> labels,
        Map<String, String> annotations,
        List<Taint> taints,
        String providerId,
        int port,
        Duration statusUpdateFrequency,
        Duration statusReportFrequency,
        Duration leaseDuration,
        int eventsPerSecond,
        int eventBurst) {

    /** The taint with which every node of ours is registered, for what the cluster sends here is not run. */
    public static final Taint STATIC_PODS_ONLY = new Taint("jubelet.io/static-pods-only", "", "NoSchedule");

    /**
     * What keeps pods away from a node.
     *
     * @param effect {@code NoSchedule}, {@code PreferNoSchedule} or {@code NoExecute}
     */
    public record Taint(String key, String value, String effect) {
        public Taint {
            Objects.requireNonNull(key, "key");
            Objects.requireNonNull(value, "value");
            Objects.requireNonNull(effect, "effect");
        }
    }

    public ClusterSettings {
        Objects.requireNonNull(nodeName, "nodeName");
        labels = Map.copyOf(labels);
        annotations = Map.copyOf(annotations);
        taints = List.copyOf(taints);
        Objects.requireNonNull(providerId, "providerId");
        Objects.requireNonNull(statusUpdateFrequency, "statusUpdateFrequency");
        Objects.requireNonNull(statusReportFrequency, "statusReportFrequency");
        Objects.requireNonNull(leaseDuration, "leaseDuration");
    }
}
