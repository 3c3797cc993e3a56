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
 * that the units and files of a kubelet need no change, except for those whose loss would harm pods.
 */
final class SettingsWithoutEffect {

    private static final String NO_FLAG = "";
    private static final String NO_FIELD = "";
    private static final String NO_DEFAULT = "";

    private static final String NOT_YET = "has no effect yet in Jubelet";
    private static final String NOT_SERVED = "has no effect: Jubelet does not serve that";
    private static final String PROFILES =
            "has no effect: these are profiles of Go; those of a JVM are recorded with jcmd on the node";
    private static final String CLUSTER_PODS = "has no effect: it concerns pods of an API server";
    private static final String LOG =
            "has no effect: Jubelet logs to standard error, for the journal; -v sets how much";
    private static final String WINDOWS = "has no effect: it is for Windows";
    private static final String NEITHER = "has no effect in the kubelet either";
    private static final String CADVISOR = "has no effect: it is of cAdvisor, which Jubelet does not contain";
    private static final String ONE_DAEMON =
            "has no effect: if two daemons use one root directory or one socket, the second one ends with a message";
    private static final String CPUS =
            "has no effect yet in Jubelet: containers share the processors, and none is reserved";
    private static final String MEMORY = "has no effect yet in Jubelet: memory is not assigned by NUMA node";
    private static final String RESERVED_CGROUP =
            "has no effect yet in Jubelet: what is reserved is kept from pods, and nothing limits the rest of the system";
    private static final String SOFT_EVICTION =
            "has no effect yet in Jubelet: only the thresholds of evictionHard count, and they report pressure";
    private static final String SHUTDOWN =
            "has no effect yet in Jubelet: when the machine shuts down, systemd stops the containers";
    private static final String URL =
            "is not supported: manifests come from a directory only; fetch them into that of staticPodPath "
                    + "(--pod-manifest-path), for example by a timer of systemd";

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
                Section.NODE,
                "--http-check-frequency",
                "httpCheckFrequency",
                ValueType.DURATION,
                "20s",
                "has no effect: manifests come from a directory only"));
        rows.add(refused(Section.NODE, "--manifest-url", "staticPodURL", ValueType.URI, URL));
        rows.add(ignored(
                Section.NODE,
                "--manifest-url-header",
                NO_FIELD,
                ValueType.TEXT,
                "has no effect: manifests come from a directory only"));
        rows.add(ignored(
                Section.NODE,
                NO_FLAG,
                "staticPodURLHeader",
                ValueType.OBJECT,
                "has no effect: manifests come from a directory only"));
        rows.add(ignored(
                Section.NODE,
                "--sync-frequency",
                "syncFrequency",
                ValueType.DURATION,
                "1m0s",
                "has no effect: Jubelet acts on changes and does not wait for a period"));
        rows.add(ignored(Section.NODE, "--lock-file", NO_FIELD, ValueType.FILE, ONE_DAEMON));
        rows.add(ignored(Section.NODE, "--exit-on-lock-contention", NO_FIELD, ValueType.BOOLEAN, ONE_DAEMON));
        rows.add(ignored(
                Section.NODE,
                "--runonce",
                "runOnce",
                ValueType.BOOLEAN,
                "has no effect: the kubelet refuses it as well"));
        rows.add(ignored(Section.NODE, "--windows-service", NO_FIELD, ValueType.BOOLEAN, WINDOWS));
        rows.add(ignored(Section.NODE, "--windows-priorityclass", NO_FIELD, ValueType.NAME, WINDOWS));
        rows.add(ignored(Section.NODE, "--logging-format", "logging.format", ValueType.NAME, "text", LOG));
        rows.add(ignored(Section.NODE, "--log-flush-frequency", "logging.flushFrequency", ValueType.TEXT, "5s", LOG));
        rows.add(ignored(
                Section.NODE,
                NO_FLAG,
                "logging.verbosity",
                ValueType.LEVEL,
                "has no effect: -v sets how much is logged"));
        rows.add(ignored(Section.NODE, "--vmodule", "logging.vmodule", ValueType.TEXT, LOG));
        rows.add(ignored(
                Section.NODE,
                "--log-json-info-buffer-size",
                "logging.options.json.infoBufferSize",
                ValueType.SIZE,
                LOG));
        rows.add(ignored(
                Section.NODE, "--log-json-split-stream", "logging.options.json.splitStream", ValueType.BOOLEAN, LOG));
        rows.add(ignored(
                Section.NODE,
                "--log-text-info-buffer-size",
                "logging.options.text.infoBufferSize",
                ValueType.SIZE,
                LOG));
        rows.add(ignored(
                Section.NODE, "--log-text-split-stream", "logging.options.text.splitStream", ValueType.BOOLEAN, LOG));
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
        rows.add(ignored(
                Section.RUNTIME,
                NO_FLAG,
                "containerLogMaxWorkers",
                ValueType.NUMBER,
                "1",
                "has no effect: logs are rotated one after the other"));
        rows.add(ignored(
                Section.RUNTIME,
                "--hairpin-mode",
                "hairpinMode",
                ValueType.NAME,
                "promiscuous-bridge",
                "has no effect: the network plugin of the runtime decides, as with the kubelet"));
        rows.add(ignored(
                Section.RUNTIME,
                "--make-iptables-util-chains",
                "makeIPTablesUtilChains",
                ValueType.BOOLEAN,
                "true",
                "has no effect: Jubelet makes no rules of iptables"));
        rows.add(ignored(
                Section.RUNTIME,
                NO_FLAG,
                "iptablesMasqueradeBit",
                ValueType.NUMBER,
                "14",
                "has no effect: Jubelet makes no rules of iptables"));
        rows.add(ignored(
                Section.RUNTIME,
                NO_FLAG,
                "iptablesDropBit",
                ValueType.NUMBER,
                "15",
                "has no effect: Jubelet makes no rules of iptables"));
        rows.add(ignored(
                Section.RUNTIME,
                "--volume-plugin-dir",
                "volumePluginDir",
                ValueType.DIRECTORY,
                "/usr/libexec/kubernetes/kubelet-plugins/volume/exec/",
                CLUSTER_PODS));
        rows.add(ignored(
                Section.RUNTIME,
                "--volume-stats-agg-period",
                "volumeStatsAggPeriod",
                ValueType.DURATION,
                "1m0s",
                "has no effect: Jubelet serves no statistics of volumes"));
        rows.add(ignored(Section.RUNTIME, "--experimental-mounter-path", NO_FIELD, ValueType.PATH, NEITHER));
        rows.add(ignored(
                Section.RUNTIME,
                NO_FLAG,
                "configMapAndSecretChangeDetectionStrategy",
                ValueType.NAME,
                "Watch",
                "has no effect: ConfigMaps and Secrets come from the manifest directory"));

        rows.add(ignored(Section.RESOURCES, "--cpu-manager-policy", "cpuManagerPolicy", ValueType.NAME, "none", CPUS));
        rows.add(ignored(
                Section.RESOURCES, "--cpu-manager-policy-options", "cpuManagerPolicyOptions", ValueType.MAP, CPUS));
        rows.add(ignored(
                Section.RESOURCES,
                "--cpu-manager-reconcile-period",
                "cpuManagerReconcilePeriod",
                ValueType.DURATION,
                "10s",
                CPUS));
        rows.add(ignored(
                Section.RESOURCES, "--memory-manager-policy", "memoryManagerPolicy", ValueType.NAME, "None", MEMORY));
        rows.add(ignored(
                Section.RESOURCES,
                "--topology-manager-policy",
                "topologyManagerPolicy",
                ValueType.NAME,
                "none",
                MEMORY));
        rows.add(ignored(
                Section.RESOURCES,
                "--topology-manager-policy-options",
                "topologyManagerPolicyOptions",
                ValueType.MAP,
                MEMORY));
        rows.add(ignored(
                Section.RESOURCES,
                "--topology-manager-scope",
                "topologyManagerScope",
                ValueType.NAME,
                "container",
                MEMORY));
        rows.add(ignored(Section.RESOURCES, "--qos-reserved", "qosReserved", ValueType.MAP, NOT_YET));
        rows.add(ignored(Section.RESOURCES, "--reserved-cpus", "reservedSystemCPUs", ValueType.TEXT, CPUS));
        rows.add(ignored(
                Section.RESOURCES, "--kube-reserved-cgroup", "kubeReservedCgroup", ValueType.PATH, RESERVED_CGROUP));
        rows.add(ignored(
                Section.RESOURCES,
                "--system-reserved-cgroup",
                "systemReservedCgroup",
                ValueType.PATH,
                RESERVED_CGROUP));
        rows.add(ignored(
                Section.RESOURCES,
                "--kubelet-cgroups",
                "kubeletCgroups",
                ValueType.PATH,
                "has no effect: the unit of systemd decides in which cgroup the daemon runs"));
        rows.add(ignored(
                Section.RESOURCES,
                "--system-cgroups",
                "systemCgroups",
                ValueType.PATH,
                "has no effect: Jubelet moves no processes of the system to other cgroups"));
        rows.add(ignored(Section.RESOURCES, "--eviction-soft", "evictionSoft", ValueType.THRESHOLDS, SOFT_EVICTION));
        rows.add(ignored(
                Section.RESOURCES,
                "--eviction-soft-grace-period",
                "evictionSoftGracePeriod",
                ValueType.MAP,
                SOFT_EVICTION));
        rows.add(ignored(
                Section.RESOURCES, "--eviction-minimum-reclaim", "evictionMinimumReclaim", ValueType.MAP, NOT_YET));
        rows.add(ignored(
                Section.RESOURCES,
                "--eviction-max-pod-grace-period",
                "evictionMaxPodGracePeriod",
                ValueType.NUMBER,
                SOFT_EVICTION));
        rows.add(ignored(Section.RESOURCES, "--pods-per-core", "podsPerCore", ValueType.NUMBER, NOT_YET));
        rows.add(ignored(
                Section.RESOURCES,
                "--max-open-files",
                "maxOpenFiles",
                ValueType.LONG_NUMBER,
                "1000000",
                "has no effect: LimitNOFILE of the unit sets it"));
        rows.add(ignored(
                Section.RESOURCES,
                "--oom-score-adj",
                "oomScoreAdj",
                ValueType.NUMBER,
                "-999",
                "has no effect: OOMScoreAdjust of the unit sets it"));
        rows.add(ignored(
                Section.RESOURCES,
                "--protect-kernel-defaults",
                "protectKernelDefaults",
                ValueType.BOOLEAN,
                "has no effect: Jubelet neither changes nor checks settings of the kernel"));
        rows.add(ignored(
                Section.RESOURCES,
                "--kernel-memcg-notification",
                "kernelMemcgNotification",
                ValueType.BOOLEAN,
                NOT_YET));
        rows.add(ignored(
                Section.RESOURCES,
                "--fail-swap-on",
                "failSwapOn",
                ValueType.BOOLEAN,
                "true",
                "has no effect: Jubelet starts with and without swap"));
        rows.add(ignored(
                Section.RESOURCES,
                "--fail-cgroupv1",
                "failCgroupV1",
                ValueType.BOOLEAN,
                "true",
                "has no effect: Jubelet supports cgroup v1"));
        rows.add(ignored(
                Section.RESOURCES,
                "--local-storage-capacity-isolation",
                "localStorageCapacityIsolation",
                ValueType.BOOLEAN,
                "true",
                "has no effect: limits of ephemeral storage are always enforced"));
        rows.add(ignored(Section.RESOURCES, "--feature-gates", "featureGates", ValueType.FEATURE_GATES, NOT_YET));
        rows.add(ignored(
                Section.RESOURCES,
                "--reserved-memory",
                NO_FIELD,
                ValueType.TEXT,
                "has no effect: Jubelet does not reserve memory by NUMA node"));
        rows.add(ignored(Section.RESOURCES, NO_FLAG, "reservedMemory", ValueType.OBJECT, NOT_YET));
        rows.add(ignored(
                Section.RESOURCES,
                NO_FLAG,
                "memorySwap.swapBehavior",
                ValueType.NAME,
                "NoSwap",
                "has no effect yet in Jubelet: the runtime decides about swap"));
        rows.add(ignored(Section.RESOURCES, NO_FLAG, "memoryThrottlingFactor", ValueType.TEXT, "0.9", NOT_YET));
        rows.add(ignored(Section.RESOURCES, NO_FLAG, "memoryReservationPolicy", ValueType.NAME, "None", NOT_YET));
        rows.add(ignored(Section.RESOURCES, NO_FLAG, "shutdownGracePeriod", ValueType.DURATION, SHUTDOWN));
        rows.add(ignored(Section.RESOURCES, NO_FLAG, "shutdownGracePeriodCriticalPods", ValueType.DURATION, SHUTDOWN));
        rows.add(ignored(Section.RESOURCES, NO_FLAG, "shutdownGracePeriodByPodPriority", ValueType.OBJECT, SHUTDOWN));
        rows.add(ignored(
                Section.RESOURCES, "--experimental-allocatable-ignore-eviction", NO_FIELD, ValueType.BOOLEAN, NEITHER));
        rows.add(ignored(Section.RESOURCES, "--application-metrics-count-limit", NO_FIELD, ValueType.NUMBER, CADVISOR));
        rows.add(ignored(Section.RESOURCES, "--boot-id-file", NO_FIELD, ValueType.FILE, CADVISOR));
        rows.add(ignored(Section.RESOURCES, "--container-hints", NO_FIELD, ValueType.FILE, CADVISOR));
        rows.add(ignored(Section.RESOURCES, "--containerd", NO_FIELD, ValueType.PATH, CADVISOR));
        rows.add(ignored(Section.RESOURCES, "--containerd-namespace", NO_FIELD, ValueType.NAME, CADVISOR));
        rows.add(ignored(Section.RESOURCES, "--enable-load-reader", NO_FIELD, ValueType.BOOLEAN, CADVISOR));
        rows.add(ignored(Section.RESOURCES, "--event-storage-age-limit", NO_FIELD, ValueType.TEXT, CADVISOR));
        rows.add(ignored(Section.RESOURCES, "--event-storage-event-limit", NO_FIELD, ValueType.TEXT, CADVISOR));
        rows.add(ignored(Section.RESOURCES, "--global-housekeeping-interval", NO_FIELD, ValueType.DURATION, CADVISOR));
        rows.add(ignored(Section.RESOURCES, "--housekeeping-interval", NO_FIELD, ValueType.DURATION, CADVISOR));
        rows.add(ignored(Section.RESOURCES, "--log-cadvisor-usage", NO_FIELD, ValueType.BOOLEAN, CADVISOR));
        rows.add(ignored(Section.RESOURCES, "--machine-id-file", NO_FIELD, ValueType.FILE, CADVISOR));
        rows.add(
                ignored(Section.RESOURCES, "--storage-driver-buffer-duration", NO_FIELD, ValueType.DURATION, CADVISOR));
        rows.add(ignored(Section.RESOURCES, "--storage-driver-db", NO_FIELD, ValueType.TEXT, CADVISOR));
        rows.add(ignored(Section.RESOURCES, "--storage-driver-host", NO_FIELD, ValueType.TEXT, CADVISOR));
        rows.add(ignored(Section.RESOURCES, "--storage-driver-password", NO_FIELD, ValueType.TEXT, CADVISOR));
        rows.add(ignored(Section.RESOURCES, "--storage-driver-secure", NO_FIELD, ValueType.BOOLEAN, CADVISOR));
        rows.add(ignored(Section.RESOURCES, "--storage-driver-table", NO_FIELD, ValueType.TEXT, CADVISOR));
        rows.add(ignored(Section.RESOURCES, "--storage-driver-user", NO_FIELD, ValueType.TEXT, CADVISOR));
        rows.add(refused(
                Section.RESOURCES,
                NO_FLAG,
                "defaultPodSysctls",
                ValueType.OBJECT,
                "is not supported yet, and pods would run without these sysctls: write them into "
                        + "spec.securityContext.sysctls of the manifests"));

        rows.add(harmless(
                Section.LISTENERS,
                "--streaming-connection-idle-timeout",
                "streamingConnectionIdleTimeout",
                ValueType.DURATION,
                "4h0m0s",
                "it concerns commands in containers, and Jubelet runs none"));
        rows.add(ignored(
                Section.LISTENERS, "--contention-profiling", "enableContentionProfiling", ValueType.BOOLEAN, PROFILES));
        rows.add(ignored(Section.LISTENERS, NO_FLAG, "enableProfilingHandler", ValueType.BOOLEAN, "true", PROFILES));
        rows.add(ignored(Section.LISTENERS, NO_FLAG, "enableDebugFlagsHandler", ValueType.BOOLEAN, "true", NOT_SERVED));
        rows.add(ignored(Section.LISTENERS, NO_FLAG, "enableSystemLogHandler", ValueType.BOOLEAN, "true", NOT_SERVED));
        rows.add(ignored(Section.LISTENERS, NO_FLAG, "enableSystemLogQuery", ValueType.BOOLEAN, NOT_SERVED));
        rows.add(ignored(Section.LISTENERS, NO_FLAG, "showHiddenMetricsForVersion", ValueType.TEXT, NOT_SERVED));
        rows.add(ignored(
                Section.LISTENERS,
                NO_FLAG,
                "tracing.endpoint",
                ValueType.TEXT,
                "has no effect yet in Jubelet: no traces are sent"));
        rows.add(ignored(
                Section.LISTENERS,
                NO_FLAG,
                "tracing.samplingRatePerMillion",
                ValueType.NUMBER,
                "has no effect yet in Jubelet: no traces are sent"));

        rows.add(ignored(
                Section.CLUSTER,
                "--kube-api-qps",
                "kubeAPIQPS",
                ValueType.NUMBER,
                "50",
                "has no effect: Jubelet sends few requests, and events have a limit of their own"));
        rows.add(ignored(
                Section.CLUSTER,
                "--kube-api-burst",
                "kubeAPIBurst",
                ValueType.NUMBER,
                "100",
                "has no effect: Jubelet sends few requests, and events have a limit of their own"));
        rows.add(ignored(
                Section.CLUSTER,
                "--kube-api-content-type",
                "contentType",
                ValueType.NAME,
                "application/vnd.kubernetes.protobuf",
                "has no effect: requests to the API server are JSON"));
        rows.add(ignored(
                Section.CLUSTER,
                "--enable-controller-attach-detach",
                "enableControllerAttachDetach",
                ValueType.BOOLEAN,
                "true",
                CLUSTER_PODS));
        rows.add(ignored(
                Section.CLUSTER,
                "--pod-cidr",
                "podCIDR",
                ValueType.TEXT,
                "has no effect: the network plugin of the runtime has the addresses of pods"));
        return rows;
    }

    private static Setting ignored(Section section, String flag, String field, ValueType type, String reason) {
        return row(section, flag, field, type, FieldTable.Use.IGNORED, NO_DEFAULT, reason);
    }

    /** @param value the default of the kubelet, which asks for no effect */
    private static Setting ignored(
            Section section, String flag, String field, ValueType type, String value, String reason) {
        return row(section, flag, field, type, FieldTable.Use.IGNORED, value, reason);
    }

    private static Setting harmless(
            Section section, String flag, String field, ValueType type, String value, String reason) {
        return row(section, flag, field, type, FieldTable.Use.NO_EFFECT, value, reason);
    }

    private static Setting refused(Section section, String flag, String field, ValueType type, String reason) {
        return row(section, flag, field, type, FieldTable.Use.REFUSED, NO_DEFAULT, reason);
    }

    private static Setting row(
            Section section,
            String flag,
            String field,
            ValueType type,
            FieldTable.Use use,
            String value,
            String reason) {
        return new Setting(
                flag.isEmpty() ? List.of() : List.of(flag),
                field.isEmpty() ? Optional.empty() : Optional.of(field),
                type,
                section,
                use,
                value.isEmpty() ? Optional.empty() : Optional.of(value),
                reason);
    }
}
