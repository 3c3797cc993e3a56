/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.config;

import io.jubelet.document.FieldTable;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The rows of the {@linkplain SettingTable table of settings} that have no effect in Jubelet, and why. They are accepted, so
 * that the units and files of a kubelet need no change.
 */
final class SettingsWithoutEffect {

    private static final String NO_FLAG = "";
    private static final String NO_FIELD = "";

    private static final String NOT_YET = "has no effect yet in Jubelet";
    private static final String NOT_SERVED = "has no effect: Jubelet does not serve that";
    private static final String CLUSTER_PODS = "has no effect: it concerns pods of an API server";
    private static final String DIRECTORY_ONLY = "has no effect: manifests come from a directory only";
    private static final String LOG =
            "has no effect: Jubelet logs to standard error, for the journal; -v sets how much";
    private static final String WINDOWS = "has no effect: it is for Windows";
    private static final String NEITHER = "has no effect in the kubelet either";
    private static final String ONE_DAEMON =
            "has no effect: if two daemons use one root directory or one socket, the second one ends with a message";

    /** Made when it is first needed, which is never on a node with neither such a flag nor a configuration file. */
    private static final List<Setting> ALL = List.copyOf(rows());

    private SettingsWithoutEffect() {}

    /** The rows, in the order of the sections. */
    static List<Setting> all() {
        return ALL;
    }

    private static List<Setting> rows() {
        List<Setting> rows = new ArrayList<>(150);

        rows.add(ignored(
                Section.NODE, "--http-check-frequency", "httpCheckFrequency", ValueType.DURATION, DIRECTORY_ONLY));
        rows.add(ignored(Section.NODE, "--manifest-url", "staticPodURL", ValueType.URI, DIRECTORY_ONLY));
        rows.add(ignored(Section.NODE, "--manifest-url-header", NO_FIELD, ValueType.TEXT, DIRECTORY_ONLY));
        rows.add(ignored(Section.NODE, NO_FLAG, "staticPodURLHeader", ValueType.OBJECT, DIRECTORY_ONLY));
        rows.add(ignored(
                Section.NODE,
                "--sync-frequency",
                "syncFrequency",
                ValueType.DURATION,
                "has no effect: Jubelet acts on changes and does not wait for a period"));
        rows.add(ignored(
                Section.NODE,
                "--config-dir",
                NO_FIELD,
                ValueType.DIRECTORY,
                "has no effect: drop-ins are not read; write their fields into the file of --config"));
        rows.add(ignored(Section.NODE, "--lock-file", NO_FIELD, ValueType.FILE, ONE_DAEMON));
        rows.add(ignored(Section.NODE, "--exit-on-lock-contention", NO_FIELD, ValueType.BOOLEAN, ONE_DAEMON));
        rows.add(ignored(Section.NODE, "--runonce", "runOnce", ValueType.BOOLEAN, CLUSTER_PODS));
        rows.add(ignored(Section.NODE, "--windows-service", NO_FIELD, ValueType.BOOLEAN, WINDOWS));
        rows.add(ignored(Section.NODE, "--windows-priorityclass", NO_FIELD, ValueType.NAME, WINDOWS));
        rows.add(ignored(Section.NODE, NO_FLAG, "logging", ValueType.OBJECT, NOT_YET));
        rows.add(ignored(Section.NODE, "--logtostderr", NO_FIELD, ValueType.BOOLEAN, LOG));
        rows.add(ignored(Section.NODE, "--alsologtostderr", NO_FIELD, ValueType.BOOLEAN, LOG));
        rows.add(ignored(Section.NODE, "--stderrthreshold", NO_FIELD, ValueType.NAME, LOG));
        rows.add(ignored(Section.NODE, "--skip-headers", NO_FIELD, ValueType.BOOLEAN, LOG));
        rows.add(ignored(Section.NODE, "--skip-log-headers", NO_FIELD, ValueType.BOOLEAN, LOG));
        rows.add(ignored(Section.NODE, "--add-dir-header", NO_FIELD, ValueType.BOOLEAN, LOG));
        rows.add(ignored(Section.NODE, "--one-output", NO_FIELD, ValueType.BOOLEAN, LOG));
        rows.add(ignored(Section.NODE, "--log-dir", NO_FIELD, ValueType.DIRECTORY, LOG));
        rows.add(ignored(Section.NODE, "--log-file", NO_FIELD, ValueType.FILE, LOG));
        rows.add(ignored(Section.NODE, "--log-file-max-size", NO_FIELD, ValueType.NUMBER, LOG));
        rows.add(ignored(Section.NODE, "--log-backtrace-at", NO_FIELD, ValueType.TEXT, LOG));
        rows.add(ignored(Section.NODE, "--log-flush-frequency", NO_FIELD, ValueType.DURATION, LOG));
        rows.add(ignored(Section.NODE, "--log-json-info-buffer-size", NO_FIELD, ValueType.SIZE, LOG));
        rows.add(ignored(Section.NODE, "--log-json-split-stream", NO_FIELD, ValueType.BOOLEAN, LOG));
        rows.add(ignored(Section.NODE, "--log-text-info-buffer-size", NO_FIELD, ValueType.SIZE, LOG));
        rows.add(ignored(Section.NODE, "--log-text-split-stream", NO_FIELD, ValueType.BOOLEAN, LOG));
        rows.add(ignored(Section.NODE, "--logging-format", NO_FIELD, ValueType.NAME, LOG));
        rows.add(ignored(Section.NODE, "--vmodule", NO_FIELD, ValueType.TEXT, LOG));

        rows.add(ignored(
                Section.RUNTIME,
                "--pod-infra-container-image",
                NO_FIELD,
                ValueType.NAME,
                "has no effect: the runtime configures the image of sandboxes, containerd 1 by "
                        + "sandbox_image and containerd 2 by pinned_images.sandbox"));
        rows.add(ignored(
                Section.RUNTIME,
                "--container-runtime",
                NO_FIELD,
                ValueType.NAME,
                "has no effect: Jubelet reaches every runtime over the CRI"));
        rows.add(ignored(
                Section.RUNTIME,
                "--runtime-cgroups",
                NO_FIELD,
                ValueType.PATH,
                "has no effect: Jubelet does not measure the resources that the runtime uses"));
        rows.add(ignored(Section.RUNTIME, NO_FLAG, "containerLogMaxWorkers", ValueType.NUMBER, NOT_YET));
        rows.add(ignored(Section.RUNTIME, "--hairpin-mode", "hairpinMode", ValueType.NAME, NOT_YET));
        rows.add(ignored(
                Section.RUNTIME, "--make-iptables-util-chains", "makeIPTablesUtilChains", ValueType.BOOLEAN, NOT_YET));
        rows.add(ignored(Section.RUNTIME, NO_FLAG, "iptablesMasqueradeBit", ValueType.NUMBER, NOT_YET));
        rows.add(ignored(Section.RUNTIME, NO_FLAG, "iptablesDropBit", ValueType.NUMBER, NOT_YET));
        rows.add(ignored(Section.RUNTIME, "--volume-plugin-dir", "volumePluginDir", ValueType.DIRECTORY, CLUSTER_PODS));
        rows.add(ignored(
                Section.RUNTIME, "--volume-stats-agg-period", "volumeStatsAggPeriod", ValueType.DURATION, NOT_YET));
        rows.add(ignored(Section.RUNTIME, "--experimental-mounter-path", NO_FIELD, ValueType.PATH, NEITHER));
        rows.add(ignored(
                Section.RUNTIME, NO_FLAG, "configMapAndSecretChangeDetectionStrategy", ValueType.NAME, CLUSTER_PODS));

        rows.add(ignored(Section.RESOURCES, "--cpu-manager-policy", "cpuManagerPolicy", ValueType.NAME, NOT_YET));
        rows.add(ignored(
                Section.RESOURCES, "--cpu-manager-policy-options", "cpuManagerPolicyOptions", ValueType.MAP, NOT_YET));
        rows.add(ignored(
                Section.RESOURCES,
                "--cpu-manager-reconcile-period",
                "cpuManagerReconcilePeriod",
                ValueType.DURATION,
                NOT_YET));
        rows.add(ignored(Section.RESOURCES, "--memory-manager-policy", "memoryManagerPolicy", ValueType.NAME, NOT_YET));
        rows.add(ignored(
                Section.RESOURCES, "--topology-manager-policy", "topologyManagerPolicy", ValueType.NAME, NOT_YET));
        rows.add(ignored(
                Section.RESOURCES,
                "--topology-manager-policy-options",
                "topologyManagerPolicyOptions",
                ValueType.MAP,
                NOT_YET));
        rows.add(ignored(
                Section.RESOURCES, "--topology-manager-scope", "topologyManagerScope", ValueType.NAME, NOT_YET));
        rows.add(ignored(Section.RESOURCES, "--qos-reserved", "qosReserved", ValueType.MAP, NOT_YET));
        rows.add(ignored(Section.RESOURCES, "--reserved-cpus", "reservedSystemCPUs", ValueType.TEXT, NOT_YET));
        rows.add(ignored(Section.RESOURCES, "--kube-reserved-cgroup", "kubeReservedCgroup", ValueType.PATH, NOT_YET));
        rows.add(ignored(
                Section.RESOURCES, "--system-reserved-cgroup", "systemReservedCgroup", ValueType.PATH, NOT_YET));
        rows.add(ignored(Section.RESOURCES, "--kubelet-cgroups", "kubeletCgroups", ValueType.PATH, NOT_YET));
        rows.add(ignored(Section.RESOURCES, "--system-cgroups", "systemCgroups", ValueType.PATH, NOT_YET));
        rows.add(ignored(Section.RESOURCES, "--eviction-soft", "evictionSoft", ValueType.THRESHOLDS, NOT_YET));
        rows.add(ignored(
                Section.RESOURCES, "--eviction-soft-grace-period", "evictionSoftGracePeriod", ValueType.MAP, NOT_YET));
        rows.add(ignored(
                Section.RESOURCES, "--eviction-minimum-reclaim", "evictionMinimumReclaim", ValueType.MAP, NOT_YET));
        rows.add(ignored(
                Section.RESOURCES,
                "--eviction-max-pod-grace-period",
                "evictionMaxPodGracePeriod",
                ValueType.NUMBER,
                NOT_YET));
        rows.add(ignored(Section.RESOURCES, "--pods-per-core", "podsPerCore", ValueType.NUMBER, NOT_YET));
        rows.add(ignored(Section.RESOURCES, "--max-open-files", "maxOpenFiles", ValueType.NUMBER, NOT_YET));
        rows.add(ignored(Section.RESOURCES, "--oom-score-adj", "oomScoreAdj", ValueType.NUMBER, NOT_YET));
        rows.add(ignored(
                Section.RESOURCES, "--protect-kernel-defaults", "protectKernelDefaults", ValueType.BOOLEAN, NOT_YET));
        rows.add(ignored(
                Section.RESOURCES,
                "--kernel-memcg-notification",
                "kernelMemcgNotification",
                ValueType.BOOLEAN,
                NOT_YET));
        rows.add(ignored(Section.RESOURCES, "--fail-swap-on", "failSwapOn", ValueType.BOOLEAN, NOT_YET));
        rows.add(ignored(Section.RESOURCES, "--fail-cgroupv1", "failCgroupV1", ValueType.BOOLEAN, NOT_YET));
        rows.add(ignored(
                Section.RESOURCES,
                "--local-storage-capacity-isolation",
                "localStorageCapacityIsolation",
                ValueType.BOOLEAN,
                NOT_YET));
        rows.add(ignored(Section.RESOURCES, "--feature-gates", "featureGates", ValueType.FEATURE_GATES, NOT_YET));
        rows.add(ignored(
                Section.RESOURCES,
                "--reserved-memory",
                NO_FIELD,
                ValueType.TEXT,
                "has no effect: Jubelet does not reserve memory by NUMA node"));
        rows.add(ignored(Section.RESOURCES, NO_FLAG, "reservedMemory", ValueType.OBJECT, NOT_YET));
        rows.add(ignored(Section.RESOURCES, NO_FLAG, "memorySwap", ValueType.OBJECT, NOT_YET));
        rows.add(ignored(Section.RESOURCES, NO_FLAG, "memoryThrottlingFactor", ValueType.TEXT, NOT_YET));
        rows.add(ignored(Section.RESOURCES, NO_FLAG, "memoryReservationPolicy", ValueType.NAME, NOT_YET));
        rows.add(ignored(Section.RESOURCES, NO_FLAG, "shutdownGracePeriod", ValueType.DURATION, NOT_YET));
        rows.add(ignored(Section.RESOURCES, NO_FLAG, "shutdownGracePeriodCriticalPods", ValueType.DURATION, NOT_YET));
        rows.add(ignored(Section.RESOURCES, NO_FLAG, "shutdownGracePeriodByPodPriority", ValueType.OBJECT, NOT_YET));
        rows.add(ignored(
                Section.RESOURCES, "--experimental-allocatable-ignore-eviction", NO_FIELD, ValueType.BOOLEAN, NEITHER));

        rows.add(harmless(
                Section.LISTENERS,
                "--streaming-connection-idle-timeout",
                "streamingConnectionIdleTimeout",
                ValueType.DURATION,
                "it concerns commands in containers, and Jubelet runs none"));
        rows.add(ignored(Section.LISTENERS, "--read-only-port", "readOnlyPort", ValueType.NUMBER, NOT_SERVED));
        rows.add(ignored(
                Section.LISTENERS,
                "--contention-profiling",
                "enableContentionProfiling",
                ValueType.BOOLEAN,
                NOT_SERVED));
        rows.add(ignored(Section.LISTENERS, NO_FLAG, "enableProfilingHandler", ValueType.BOOLEAN, NOT_SERVED));
        rows.add(ignored(Section.LISTENERS, NO_FLAG, "enableDebugFlagsHandler", ValueType.BOOLEAN, NOT_SERVED));
        rows.add(ignored(Section.LISTENERS, NO_FLAG, "enableSystemLogHandler", ValueType.BOOLEAN, NOT_SERVED));
        rows.add(ignored(Section.LISTENERS, NO_FLAG, "enableSystemLogQuery", ValueType.BOOLEAN, NOT_SERVED));
        rows.add(ignored(Section.LISTENERS, NO_FLAG, "showHiddenMetricsForVersion", ValueType.TEXT, NOT_SERVED));
        rows.add(ignored(Section.LISTENERS, NO_FLAG, "tracing", ValueType.OBJECT, NOT_SERVED));

        rows.add(ignored(Section.CLUSTER, "--kube-api-qps", "kubeAPIQPS", ValueType.NUMBER, CLUSTER_PODS));
        rows.add(ignored(Section.CLUSTER, "--kube-api-burst", "kubeAPIBurst", ValueType.NUMBER, CLUSTER_PODS));
        rows.add(ignored(Section.CLUSTER, "--kube-api-content-type", "contentType", ValueType.NAME, CLUSTER_PODS));
        rows.add(ignored(
                Section.CLUSTER,
                "--enable-controller-attach-detach",
                "enableControllerAttachDetach",
                ValueType.BOOLEAN,
                CLUSTER_PODS));
        rows.add(ignored(Section.CLUSTER, "--pod-cidr", "podCIDR", ValueType.TEXT, CLUSTER_PODS));
        return rows;
    }

    private static Setting ignored(Section section, String flag, String field, ValueType type, String reason) {
        return row(section, flag, field, type, FieldTable.Use.IGNORED, reason);
    }

    private static Setting harmless(Section section, String flag, String field, ValueType type, String reason) {
        return row(section, flag, field, type, FieldTable.Use.NO_EFFECT, reason);
    }

    private static Setting row(
            Section section, String flag, String field, ValueType type, FieldTable.Use use, String reason) {
        return new Setting(
                flag.isEmpty() ? List.of() : List.of(flag),
                field.isEmpty() ? Optional.empty() : Optional.of(field),
                type,
                section,
                use,
                Optional.empty(),
                reason);
    }
}
