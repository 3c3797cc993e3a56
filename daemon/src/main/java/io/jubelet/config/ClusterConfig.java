/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.config;

import static io.jubelet.config.Settings.BOOTSTRAP_KUBECONFIG;
import static io.jubelet.config.Settings.CLOUD_PROVIDER;
import static io.jubelet.config.Settings.EVENT_BURST;
import static io.jubelet.config.Settings.EVENT_QPS;
import static io.jubelet.config.Settings.EVICTION_PRESSURE_TRANSITION_PERIOD;
import static io.jubelet.config.Settings.KUBECONFIG;
import static io.jubelet.config.Settings.NODE_LEASE_DURATION_SECONDS;
import static io.jubelet.config.Settings.NODE_STATUS_MAX_IMAGES;
import static io.jubelet.config.Settings.NODE_STATUS_REPORT_FREQUENCY;
import static io.jubelet.config.Settings.NODE_STATUS_UPDATE_FREQUENCY;
import static io.jubelet.config.Settings.PROVIDER_ID;
import static io.jubelet.config.Settings.REGISTER_NODE;
import static io.jubelet.config.Settings.REGISTER_WITH_TAINTS;
import static io.jubelet.config.Settings.ROTATE_CERTIFICATES;

import io.jubelet.document.FieldReader;
import io.jubelet.document.FieldTable;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The cluster that the node belongs to, and what is shown of the node there.
 *
 * @param kubeconfig how to reach the API server; empty: there is none
 * @param bootstrapKubeconfig how to request the first client certificate
 * @param rotateCertificates whether the client certificate is renewed before it expires
 * @param registration how the Node is created
 * @param status what is reported of the Node
 * @param events how many events are sent
 */
public record ClusterConfig(
        Optional<Path> kubeconfig,
        Optional<Path> bootstrapKubeconfig,
        boolean rotateCertificates,
        Registration registration,
        NodeStatus status,
        EventRate events) {

    /**
     * How the Node is created.
     *
     * @param enabled whether Jubelet creates it, or waits until it exists
     * @param taints that it is created with
     * @param providerId what a cloud calls the machine; empty: none
     */
    public record Registration(boolean enabled, List<NodeTaint> taints, Optional<String> providerId) {
        public Registration {
            taints = List.copyOf(taints);
        }
    }

    /**
     * What keeps pods away from a node.
     *
     * @param value may be empty, as in the API
     * @param effect {@code NoSchedule}, {@code PreferNoSchedule} or {@code NoExecute}
     */
    public record NodeTaint(String key, String value, String effect) {}

    /**
     * What is reported of the Node.
     *
     * @param updateFrequency how often the status is computed, and sent if it changed
     * @param reportFrequency how often it is sent though it has not changed
     * @param leaseDuration without a renewal in this time the cluster considers the node lost
     * @param pressureTransition how long the node counts as under pressure after it last was
     * @param maxImages how many images the status names; -1: all
     */
    public record NodeStatus(
            Duration updateFrequency,
            Duration reportFrequency,
            Duration leaseDuration,
            Duration pressureTransition,
            int maxImages) {}

    /**
     * How many events are sent.
     *
     * @param perSecond in the long run; 0: no limit
     * @param burst at once
     */
    public record EventRate(int perSecond, int burst) {}

    private static final Duration REPORT_FREQUENCY = Duration.ofMinutes(5);
    private static final List<String> EFFECTS = List.of("NoSchedule", "PreferNoSchedule", "NoExecute");

    static ClusterConfig read(SettingReader settings) {
        Optional<Path> kubeconfig = settings.text(KUBECONFIG).map(Path::of);
        Optional<Path> bootstrap = settings.text(BOOTSTRAP_KUBECONFIG).map(Path::of);
        if (bootstrap.isPresent() && kubeconfig.isEmpty()) {
            settings.error(
                    BOOTSTRAP_KUBECONFIG,
                    "needs " + KUBECONFIG
                            + ": the file where the kubeconfig is written when there is a client certificate");
        }
        return new ClusterConfig(
                kubeconfig,
                bootstrap,
                settings.flag(ROTATE_CERTIFICATES),
                new Registration(settings.flag(REGISTER_NODE), taints(settings), settings.text(PROVIDER_ID)),
                status(settings),
                new EventRate(
                        settings.integer(EVENT_QPS, 0, Integer.MAX_VALUE), settings.integerOrDefault(EVENT_BURST)));
    }

    private static NodeStatus status(SettingReader settings) {
        // As with the kubelet: if the file has only the update frequency, the status is not sent less often.
        Duration unset = settings.isFlag(NODE_STATUS_UPDATE_FREQUENCY)
                ? REPORT_FREQUENCY
                : settings.periodOr(NODE_STATUS_UPDATE_FREQUENCY, REPORT_FREQUENCY);
        // Read last, because the value that is read last is the one in effect.
        Duration update = settings.period(NODE_STATUS_UPDATE_FREQUENCY);
        return new NodeStatus(
                update,
                settings.periodOr(NODE_STATUS_REPORT_FREQUENCY, unset),
                Duration.ofSeconds(settings.integerOrDefault(NODE_LEASE_DURATION_SECONDS)),
                settings.retention(EVICTION_PRESSURE_TRANSITION_PERIOD),
                settings.integer(NODE_STATUS_MAX_IMAGES, -1, Integer.MAX_VALUE));
    }

    private static List<NodeTaint> taints(SettingReader settings) {
        List<NodeTaint> taints = new ArrayList<>();
        if (settings.has(REGISTER_WITH_TAINTS)) {
            FieldTable table = FieldTable.of("a taint")
                    .honoured("key", "value", "effect")
                    .noEffect("the API sets it", "timeAdded");
            for (FieldReader taint : settings.mappings(REGISTER_WITH_TAINTS, table)) {
                addTaint(taints, taint);
            }
        }
        String cloud = settings.text(CLOUD_PROVIDER).orElse("");
        if (cloud.equals("external")) {
            // The controller of the cloud removes it when it has initialized the Node.
            taints.add(new NodeTaint("node.cloudprovider.kubernetes.io/uninitialized", "true", "NoSchedule"));
        } else if (!cloud.isEmpty()) {
            settings.error(CLOUD_PROVIDER, "must be external or empty, but is \"" + cloud + "\"");
        }
        return taints;
    }

    private static void addTaint(List<NodeTaint> taints, FieldReader taint) {
        String key = taint.requiredText("key", "example.com/static");
        String effect = taint.requiredText("effect", "NoSchedule");
        if (effect != null && !EFFECTS.contains(effect)) {
            taint.error("effect", "must be one of " + String.join(", ", EFFECTS) + ", and is \"" + effect + "\"");
        } else if (key != null && effect != null) {
            taints.add(new NodeTaint(key, taint.text("value", ""), effect));
        }
    }
}
