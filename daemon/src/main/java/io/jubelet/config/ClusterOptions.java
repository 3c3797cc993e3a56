package io.jubelet.config;

import io.jubelet.document.FieldReader;
import io.jubelet.document.FieldTable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * What a KubeletConfiguration says of the node in its cluster; what it does not say is as with the kubelet.
 *
 * @param registerNode whether we make the Node, or wait until somebody else has
 * @param taints with which it is registered
 * @param providerId what a cloud calls the machine; may be empty
 * @param statusUpdateFrequency how often the status is computed, and sent if it changed
 * @param statusReportFrequency how often it is sent though it has not changed
 * @param leaseDuration after which others may think that we are gone
 * @param pressureTransition for how long the node counts as under pressure after it was last
 * @param maxImages how many images the status names; -1 for all
 * @param eventsPerSecond how many events are sent in a second in the long run; 0 for no limit
 * @param eventBurst how many at once
 */
public record ClusterOptions(
        boolean registerNode,
        List<NodeTaint> taints,
        String providerId,
        Duration statusUpdateFrequency,
        Duration statusReportFrequency,
        Duration leaseDuration,
        Duration pressureTransition,
        int maxImages,
        int eventsPerSecond,
        int eventBurst) {

    private static final Duration UPDATE = Duration.ofSeconds(10);
    private static final Duration REPORT = Duration.ofMinutes(5);
    private static final Duration PRESSURE = Duration.ofMinutes(5);
    private static final int LEASE_SECONDS = 40;
    private static final int IMAGES = 50;

    /** Nothing is said. */
    public static final ClusterOptions DEFAULT = new ClusterOptions(
            true, List.of(), "", UPDATE, REPORT, Duration.ofSeconds(LEASE_SECONDS), PRESSURE, IMAGES, 50, 100);

    private static final List<String> EFFECTS = List.of("NoSchedule", "PreferNoSchedule", "NoExecute");

    /**
     * What keeps pods away from a node.
     *
     * @param value may be empty
     * @param effect {@code NoSchedule}, {@code PreferNoSchedule} or {@code NoExecute}
     */
    public record NodeTaint(String key, String value, String effect) {
        public NodeTaint {
            Objects.requireNonNull(key, "key");
            Objects.requireNonNull(value, "value");
            Objects.requireNonNull(effect, "effect");
        }
    }

    public ClusterOptions {
        taints = List.copyOf(taints);
        Objects.requireNonNull(providerId, "providerId");
        Objects.requireNonNull(statusUpdateFrequency, "statusUpdateFrequency");
        Objects.requireNonNull(statusReportFrequency, "statusReportFrequency");
        Objects.requireNonNull(leaseDuration, "leaseDuration");
        Objects.requireNonNull(pressureTransition, "pressureTransition");
    }

    /** With the taint that a cloud's controller takes away when it has initialized the Node. */
    public ClusterOptions uninitialized() {
        List<NodeTaint> more = new ArrayList<>(taints);
        more.add(new NodeTaint("node.cloudprovider.kubernetes.io/uninitialized", "true", "NoSchedule"));
        return new ClusterOptions(
                registerNode,
                more,
                providerId,
                statusUpdateFrequency,
                statusReportFrequency,
                leaseDuration,
                pressureTransition,
                maxImages,
                eventsPerSecond,
                eventBurst);
    }

    static ClusterOptions parse(FieldReader fields) {
        Optional<Duration> update = KubeletConfigurationFile.duration(fields, "nodeStatusUpdateFrequency");
        Optional<Duration> report = KubeletConfigurationFile.duration(fields, "nodeStatusReportFrequency");
        long lease = fields.integer("nodeLeaseDurationSeconds", 0, 0, Integer.MAX_VALUE);
        return new ClusterOptions(
                fields.flag("registerNode", true),
                taints(fields),
                fields.text("providerID", ""),
                update.orElse(UPDATE),
                // Who only says how often it is computed does not want it to be sent more seldom, says the kubelet.
                report.or(() -> update).orElse(REPORT),
                Duration.ofSeconds(lease == 0 ? LEASE_SECONDS : lease),
                KubeletConfigurationFile.duration(fields, "evictionPressureTransitionPeriod")
                        .orElse(PRESSURE),
                (int) fields.integer("nodeStatusMaxImages", IMAGES, -1, Integer.MAX_VALUE),
                (int) fields.integer("eventRecordQPS", 50, 0, Integer.MAX_VALUE),
                (int) fields.integer("eventBurst", 100, 0, Integer.MAX_VALUE));
    }

    private static List<NodeTaint> taints(FieldReader fields) {
        List<NodeTaint> taints = new ArrayList<>();
        FieldTable table =
                FieldTable.of("a taint").honoured("key", "value", "effect").harmless("the API sets it", "timeAdded");
        for (FieldReader taint : fields.mappings("registerWithTaints", table)) {
            String key = taint.requiredText("key", "example.com/static");
            String effect = taint.requiredText("effect", "NoSchedule");
            if (effect != null && !EFFECTS.contains(effect)) {
                taint.error("effect", "must be one of " + String.join(", ", EFFECTS) + ", and is \"" + effect + "\"");
            } else if (key != null && effect != null) {
                taints.add(new NodeTaint(key, taint.text("value", ""), effect));
            }
        }
        return taints;
    }
}
