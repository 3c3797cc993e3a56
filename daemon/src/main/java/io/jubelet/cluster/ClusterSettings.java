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
 * @param labels all labels of the node
 * @param taints with which it is registered
 * @param providerId what a cloud calls the machine; may be empty
 * @param statusUpdateFrequency how often the status is computed, and sent if it changed
 * @param statusReportFrequency how often it is sent though it has not changed
 * @param leaseDuration after which others may think that we are gone; it is renewed four times as often
 */
public record ClusterSettings(
        String nodeName,
        boolean registerNode,
        Map<String, String> labels,
        List<Taint> taints,
        String providerId,
        Duration statusUpdateFrequency,
        Duration statusReportFrequency,
        Duration leaseDuration) {

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
        taints = List.copyOf(taints);
        Objects.requireNonNull(providerId, "providerId");
        Objects.requireNonNull(statusUpdateFrequency, "statusUpdateFrequency");
        Objects.requireNonNull(statusReportFrequency, "statusReportFrequency");
        Objects.requireNonNull(leaseDuration, "leaseDuration");
    }
}
