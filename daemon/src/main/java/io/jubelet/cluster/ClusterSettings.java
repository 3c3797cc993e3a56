/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cluster;

import io.jubelet.config.ClusterConfig;
import io.jubelet.config.DaemonConfig;
import io.jubelet.config.NodeConfig;
import io.jubelet.config.NodeLabels;
import io.jubelet.node.MachineFacts;
import io.jubelet.node.NodeFacts;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
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

    /** The settings that a configuration gives. Reads the architecture of the machine. */
    public static ClusterSettings of(DaemonConfig config) {
        NodeConfig node = config.node();
        ClusterConfig cluster = config.cluster();
        return new ClusterSettings(
                node.name(),
                new Registration(
                        cluster.registration().enabled(),
                        NodeLabels.of(node.name(), MachineFacts.architecture(), node.labels()),
                        annotations(node),
                        taints(cluster),
                        cluster.registration().providerId()),
                config.listeners().kubelet().port(),
                new Timing(
                        cluster.status().updateFrequency(),
                        cluster.status().reportFrequency(),
                        cluster.status().leaseDuration()),
                new EventLimits(cluster.events().perSecond(), cluster.events().burst()));
    }

    private static Map<String, String> annotations(NodeConfig node) {
        Map<String, String> annotations = new HashMap<>();
        // To the kubelet it means that a controller attaches volumes. Static pods have none to attach.
        annotations.put("volumes.kubernetes.io/controller-managed-attach-detach", "true");
        if (!node.addresses().isEmpty()) {
            List<String> addresses = new ArrayList<>();
            node.addresses().forEach(address -> addresses.add(NodeFacts.text(address)));
            annotations.put("alpha.kubernetes.io/provided-node-ip", String.join(",", addresses));
        }
        return annotations;
    }

    private static List<Taint> taints(ClusterConfig cluster) {
        List<Taint> taints = new ArrayList<>();
        boolean staticPodsOnly = false;
        for (ClusterConfig.NodeTaint taint : cluster.registration().taints()) {
            taints.add(new Taint(taint.key(), taint.value(), taint.effect()));
            staticPodsOnly |= taint.key().equals(STATIC_PODS_ONLY.key());
        }
        if (!staticPodsOnly) {
            taints.add(STATIC_PODS_ONLY);
        }
        return taints;
    }

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
