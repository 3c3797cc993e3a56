package io.jubelet.cluster;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * The configuration of the node in its cluster. Immutable.
 *
 * @param nodeName the name of the Node object
 * @param registration how the Node is registered
 * @param kubeletPort the port where the API server reaches this kubelet; 0 if it serves none
 * @param timing how often the status and the lease are sent
 * @param eventLimits how many events are sent
 */
public record ClusterSettings(
        String nodeName, Registration registration, int kubeletPort, Timing timing, EventLimits eventLimits) {

    /** The taint of every Node that Jubelet registers, because pods of the cluster are not run here. */
    public static final Taint STATIC_PODS_ONLY = new Taint("jubelet.io/static-pods-only", "", "NoSchedule");

    public ClusterSettings {
        Objects.requireNonNull(nodeName, "nodeName");
        Objects.requireNonNull(registration, "registration");
        Objects.requireNonNull(timing, "timing");
        Objects.requireNonNull(eventLimits, "eventLimits");
    }

    /**
     * How the Node is registered.
     *
     * @param enabled whether the Node is created here; otherwise the node waits until it exists
     * @param labels all labels of the node, including those that NodeRestriction does not let a node
     *     set on itself
     * @param annotations set at registration only
     * @param taints set at registration only
     * @param providerId the cloud provider's name of the machine; empty if there is none
     */
    public record Registration(
            boolean enabled,
            Map<String, String> labels,
            Map<String, String> annotations,
            List<Taint> taints,
            Optional<String> providerId) {

        public Registration {
            labels = Map.copyOf(labels);
            annotations = Map.copyOf(annotations);
            taints = List.copyOf(taints);
            Objects.requireNonNull(providerId, "providerId");
        }
    }

    /**
     * How often the status and the lease are sent.
     *
     * @param statusUpdateFrequency how often the status is computed; it is sent if it changed
     * @param statusReportFrequency how often the status is sent although it has not changed
     * @param leaseDuration after which the cluster takes the node for lost; the lease is renewed four
     *     times as often
     */
    public record Timing(Duration statusUpdateFrequency, Duration statusReportFrequency, Duration leaseDuration) {

        public Timing {
            Objects.requireNonNull(statusUpdateFrequency, "statusUpdateFrequency");
            Objects.requireNonNull(statusReportFrequency, "statusReportFrequency");
            Objects.requireNonNull(leaseDuration, "leaseDuration");
        }
    }

    /**
     * How many events are sent.
     *
     * @param perSecond on average; 0 for no limit
     * @param burst at once
     */
    public record EventLimits(int perSecond, int burst) {}

    /**
     * A taint of the Node.
     *
     * @param value may be empty, as in the API
     * @param effect {@code NoSchedule}, {@code PreferNoSchedule} or {@code NoExecute}
     */
    public record Taint(String key, String value, String effect) {

        public Taint {
            Objects.requireNonNull(key, "key");
            Objects.requireNonNull(value, "value");
            Objects.requireNonNull(effect, "effect");
        }
    }
}
