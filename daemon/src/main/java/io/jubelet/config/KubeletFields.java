package io.jubelet.config;

import io.jubelet.document.FieldTable;

/** Every field of KubeletConfiguration v1beta1 (Kubernetes 1.36), with what we make of it. */
public final class KubeletFields {

    private static final String NOT_YET = "has no effect yet in Jubelet";
    private static final String NOT_SERVED = "has no effect: Jubelet serves no such thing";
    private static final String CLUSTER = "has no effect: it concerns pods of an API server";

    private KubeletFields() {}

    /** The fields of the document. Made when asked for: the table is needed once. */
    public static FieldTable table() {
        return FieldTable.of("a KubeletConfiguration")
                .honoured(
                        "apiVersion",
                        "kind",
                        "staticPodPath",
                        "fileCheckFrequency",
                        "containerRuntimeEndpoint",
                        "imageServiceEndpoint",
                        "podLogsDir",
                        "containerLogMaxSize",
                        "containerLogMaxFiles",
                        "containerLogMonitorInterval",
                        "crashLoopBackOff",
                        "runtimeRequestTimeout",
                        "cpuCFSQuota",
                        "cpuCFSQuotaPeriod",
                        "serializeImagePulls",
                        "maxParallelImagePulls",
                        "imagePullCredentialsVerificationPolicy",
                        "preloadedImagesVerificationAllowlist",
                        "seccompDefault",
                        "allowedUnsafeSysctls",
                        "clusterDNS",
                        "clusterDomain",
                        "resolvConf",
                        "maxPods",
                        "registryPullQPS",
                        "registryBurst",
                        "imageMinimumGCAge",
                        "imageMaximumGCAge",
                        "imageGCHighThresholdPercent",
                        "imageGCLowThresholdPercent",
                        "cgroupRoot",
                        "cgroupsPerQOS",
                        "cgroupDriver",
                        "singleProcessOOMKill",
                        "podPidsLimit",
                        "rotateCertificates",
                        "address",
                        "port",
                        "tlsCertFile",
                        "tlsPrivateKeyFile",
                        "serverTLSBootstrap",
                        "authentication",
                        "authorization",
                        "enableServer",
                        "enableDebuggingHandlers",
                        "healthzPort",
                        "healthzBindAddress",
                        "tlsMinVersion",
                        "tlsCipherSuites",
                        "tlsCurvePreferences",
                        "kubeReserved",
                        "systemReserved",
                        "enforceNodeAllocatable",
                        "evictionHard",
                        "mergeDefaultEvictionSettings",
                        "userNamespaces",
                        "registerNode",
                        "registerWithTaints",
                        "providerID",
                        "nodeStatusUpdateFrequency",
                        "nodeStatusReportFrequency",
                        "nodeStatusMaxImages",
                        "nodeLeaseDurationSeconds",
                        "evictionPressureTransitionPeriod",
                        "eventRecordQPS",
                        "eventBurst")
                .harmless("it concerns commands in containers, and none is run", "streamingConnectionIdleTimeout")
                .ignored("has no effect: Jubelet acts on changes and does not wait for a period", "syncFrequency")
                .ignored(
                        "has no effect: manifests come from a directory only",
                        "staticPodURL",
                        "staticPodURLHeader",
                        "httpCheckFrequency")
                .ignored(
                        NOT_SERVED,
                        "readOnlyPort",
                        "enableContentionProfiling",
                        "enableSystemLogHandler",
                        "enableSystemLogQuery",
                        "enableProfilingHandler",
                        "enableDebugFlagsHandler",
                        "showHiddenMetricsForVersion",
                        "tracing")
                .ignored(
                        CLUSTER,
                        "kubeAPIQPS",
                        "kubeAPIBurst",
                        "contentType",
                        "enableControllerAttachDetach",
                        "configMapAndSecretChangeDetectionStrategy",
                        "podCIDR",
                        "volumePluginDir",
                        "runOnce")
                .ignored(
                        NOT_YET,
                        "oomScoreAdj",
                        "volumeStatsAggPeriod",
                        "kubeletCgroups",
                        "systemCgroups",
                        "cpuManagerPolicy",
                        "cpuManagerPolicyOptions",
                        "cpuManagerReconcilePeriod",
                        "memoryManagerPolicy",
                        "topologyManagerPolicy",
                        "topologyManagerScope",
                        "topologyManagerPolicyOptions",
                        "qosReserved",
                        "hairpinMode",
                        "maxOpenFiles",
                        "evictionSoft",
                        "evictionSoftGracePeriod",
                        "evictionMaxPodGracePeriod",
                        "evictionMinimumReclaim",
                        "podsPerCore",
                        "protectKernelDefaults",
                        "makeIPTablesUtilChains",
                        "iptablesMasqueradeBit",
                        "iptablesDropBit",
                        "featureGates",
                        "failSwapOn",
                        "memorySwap",
                        "containerLogMaxWorkers",
                        "reservedSystemCPUs",
                        "systemReservedCgroup",
                        "kubeReservedCgroup",
                        "kernelMemcgNotification",
                        "logging",
                        "shutdownGracePeriod",
                        "shutdownGracePeriodCriticalPods",
                        "shutdownGracePeriodByPodPriority",
                        "reservedMemory",
                        "memoryThrottlingFactor",
                        "memoryReservationPolicy",
                        "localStorageCapacityIsolation",
                        "failCgroupV1");
    }

    /** The fields of userNamespaces. */
    public static FieldTable userNamespaces() {
        return FieldTable.of("userNamespaces").honoured("idsPerPod");
    }

    /** The fields of crashLoopBackOff. */
    public static FieldTable crashLoopBackOff() {
        return FieldTable.of("crashLoopBackOff").honoured("maxContainerRestartPeriod");
    }
}
