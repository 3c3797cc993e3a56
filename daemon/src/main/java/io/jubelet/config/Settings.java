/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.config;

import static io.jubelet.config.Section.CLUSTER;
import static io.jubelet.config.Section.LISTENERS;
import static io.jubelet.config.Section.NODE;
import static io.jubelet.config.Section.RESOURCES;
import static io.jubelet.config.Section.RUNTIME;

import io.jubelet.document.FieldTable;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/**
 * The rows of the {@linkplain SettingTable table of settings} that have an effect, by section. The class of the section reads
 * their values. To add a flag or a field, add a row here, read its value in that class, and update the reference pages with
 * {@code -Dreference.update=true} as {@code ReferencePagesTest} says.
 */
public final class Settings {

    /** The socket of the local API where neither a flag nor the environment names another. */
    public static final String DEFAULT_API_SOCKET = "/run/jubelet/jubelet.sock";

    /** Greater verbosities count as this one. */
    static final int MAX_VERBOSITY = 10;

    private static final String NO_FLAG = "";
    private static final String NO_FIELD = "";
    private static final String NO_DEFAULT = "";

    private static final List<Setting> ALL = new ArrayList<>(100);

    public static final Setting CONFIG = setting(
            NODE,
            "--config",
            NO_FIELD,
            ValueType.FILE,
            NO_DEFAULT,
            "KubeletConfiguration (kubelet.config.k8s.io/v1beta1) to read. A flag wins over its "
                    + "field in the file.");
    static final Setting CONFIG_DIR = setting(
            NODE,
            "--config-dir",
            NO_FIELD,
            ValueType.DIRECTORY,
            NO_DEFAULT,
            "Directory of drop-ins: files that end in .conf, also in directories below it. Each is a KubeletConfiguration "
                    + "whose fields win over those of --config and of the files before it by name.");
    static final Setting API_VERSION =
            setting(NODE, NO_FLAG, "apiVersion", ValueType.TEXT, NO_DEFAULT, "Must be kubelet.config.k8s.io/v1beta1.");
    static final Setting KIND =
            setting(NODE, NO_FLAG, "kind", ValueType.TEXT, NO_DEFAULT, "Must be KubeletConfiguration.");
    static final Setting POD_MANIFEST_PATH = setting(
            NODE,
            "--pod-manifest-path",
            "staticPodPath",
            ValueType.DIRECTORY,
            "/etc/kubernetes/manifests",
            "Directory of manifests, or one manifest.");
    static final Setting MANIFEST_NAMES = setting(
            NODE,
            "--manifest-names",
            NO_FIELD,
            ValueType.TEXT,
            "yaml",
            "Which files of the manifest directory are read: yaml those that end in .yaml, .yml or "
                    + ".json; kubelet those of any name, as a kubelet does, backups and temporary files of "
                    + "editors excepted.");
    static final Setting ADOPT_KUBELET_PODS = setting(
            NODE,
            "--adopt-kubelet-pods",
            NO_FIELD,
            ValueType.BOOLEAN,
            "false",
            "Take over the static pods of a kubelet that was stopped: those that run what their manifests say are "
                    + "not restarted, the others are replaced one after the other.");
    static final Setting FILE_CHECK_FREQUENCY = setting(
            NODE,
            "--file-check-frequency",
            "fileCheckFrequency",
            ValueType.DURATION,
            "20s",
            "How often the manifest directory is read again without an event; an edit of a file that is mounted "
                    + "into the directory is seen only then.");
    static final Setting LOCAL_CONFIG = setting(
            NODE,
            "--local-config",
            NO_FIELD,
            ValueType.BOOLEAN,
            "true",
            "Whether ConfigMaps and Secrets may be among the manifests, and pods may refer to " + "them.");
    static final Setting HOSTNAME_OVERRIDE = setting(
            NODE,
            "--hostname-override",
            NO_FIELD,
            ValueType.NAME,
            NO_DEFAULT,
            "Name of the node, and the end of the name of every pod. Default: the name of the " + "host.");
    static final Setting NODE_IP = setting(
            NODE,
            "--node-ip",
            NO_FIELD,
            ValueType.ADDRESS_PAIR,
            NO_DEFAULT,
            "Addresses of the node, the primary one first: at most one of IPv4 and one of IPv6. "
                    + "Default: those of the host.");
    static final Setting NODE_LABELS = setting(
            NODE,
            "--node-labels",
            NO_FIELD,
            ValueType.LABELS,
            NO_DEFAULT,
            "Labels of the node besides kubernetes.io/hostname, os and arch, for nodeSelector and " + "nodeAffinity.");
    static final Setting ROOT_DIR = setting(
            NODE, "--root-dir", NO_FIELD, ValueType.DIRECTORY, "/var/lib/jubelet", "Where volumes and state are kept.");
    public static final Setting API_SOCKET = setting(
            NODE,
            "--api-socket",
            NO_FIELD,
            ValueType.PATH,
            NO_DEFAULT,
            "Socket of the local API. Default: $JUBELET_API_SOCKET, else " + DEFAULT_API_SOCKET + ".");
    static final Setting API_ADMIN_GROUP = setting(
            NODE,
            "--api-admin-group",
            NO_FIELD,
            ValueType.NAME,
            NO_DEFAULT,
            "Group whose members may act in pods by the local API: exec, attach, port-forward and run. "
                    + "They need access to the socket as well. Default: root alone.");
    public static final Setting VERBOSITY = setting(
            NODE,
            "-v --v",
            NO_FIELD,
            ValueType.LEVEL,
            "0",
            "Verbosity of the log: 0 logs what happens, 2 every action, 4 and more everything.");
    static final Setting CONTAINER_RUNTIME_ENDPOINT = setting(
            RUNTIME,
            "--container-runtime-endpoint",
            "containerRuntimeEndpoint",
            ValueType.URI,
            "unix:///run/containerd/containerd.sock",
            "Socket of the container runtime. With simulated: Jubelet simulates one, so that you " + "can try it out.");
    static final Setting IMAGE_SERVICE_ENDPOINT = setting(
            RUNTIME,
            "--image-service-endpoint",
            "imageServiceEndpoint",
            ValueType.URI,
            NO_DEFAULT,
            "Socket of the image service. Default: that of the runtime.");
    static final Setting RUNTIME_REQUEST_TIMEOUT = setting(
            RUNTIME,
            "--runtime-request-timeout",
            "runtimeRequestTimeout",
            ValueType.DURATION,
            "2m",
            "Deadline of a call to the runtime.");
    static final Setting POD_LOGS_DIR = setting(
            RUNTIME,
            "--pod-logs-dir",
            "podLogsDir",
            ValueType.DIRECTORY,
            NO_DEFAULT,
            "Directory of container logs. Default: /var/log/pods; with simulated: below the root " + "directory.");
    static final Setting CONTAINER_LOG_MAX_SIZE = setting(
            RUNTIME,
            "--container-log-max-size",
            "containerLogMaxSize",
            ValueType.SIZE,
            "10Mi",
            "Size at which the log of a container is rotated; a negative one turns that off.");
    static final Setting CONTAINER_LOG_MAX_FILES = setting(
            RUNTIME,
            "--container-log-max-files",
            "containerLogMaxFiles",
            ValueType.NUMBER,
            "5",
            "How many log files a container keeps, the current one included; at least 2.");
    static final Setting CONTAINER_LOG_MONITOR_INTERVAL = setting(
            RUNTIME,
            NO_FLAG,
            "containerLogMonitorInterval",
            ValueType.DURATION,
            "10s",
            "How often the sizes of logs are checked.");
    static final Setting MAX_CONTAINER_RESTART_PERIOD = setting(
            RUNTIME,
            NO_FLAG,
            "crashLoopBackOff.maxContainerRestartPeriod",
            ValueType.DURATION,
            "300s",
            "Longest back-off before a container is restarted, from 1s to 300s.");
    static final Setting MINIMUM_CONTAINER_TTL_DURATION = setting(
            RUNTIME,
            "--minimum-container-ttl-duration",
            NO_FIELD,
            ValueType.DURATION,
            "0s",
            "Age before which a container that has ended is not removed.");
    static final Setting MAXIMUM_DEAD_CONTAINERS_PER_CONTAINER = setting(
            RUNTIME,
            "--maximum-dead-containers-per-container",
            NO_FIELD,
            ValueType.NUMBER,
            "1",
            "How many ended instances of each container are kept besides its newest, with their "
                    + "logs; -1 keeps all.");
    static final Setting MAXIMUM_DEAD_CONTAINERS = setting(
            RUNTIME,
            "--maximum-dead-containers",
            NO_FIELD,
            ValueType.NUMBER,
            "-1",
            "How many ended instances are kept on the node in all; -1 sets no limit.");
    static final Setting CLUSTER_DNS = setting(
            RUNTIME,
            "--cluster-dns",
            "clusterDNS",
            ValueType.ADDRESSES,
            NO_DEFAULT,
            "Name servers of the cluster, for pods whose dnsPolicy asks for them. Without any, "
                    + "such pods use those of the node.");
    static final Setting CLUSTER_DOMAIN = setting(
            RUNTIME,
            "--cluster-domain",
            "clusterDomain",
            ValueType.DOMAIN,
            NO_DEFAULT,
            "Domain of the cluster, such as cluster.local.");
    static final Setting RESOLV_CONF = setting(
            RUNTIME,
            "--resolv-conf",
            "resolvConf",
            ValueType.FILE,
            "/etc/resolv.conf",
            "File whose name resolution pods inherit. If it is empty, they inherit none.");
    static final Setting SERIALIZE_IMAGE_PULLS = setting(
            RUNTIME,
            "--serialize-image-pulls",
            "serializeImagePulls",
            ValueType.BOOLEAN,
            "false",
            "Whether images are pulled one after the other.");
    static final Setting MAX_PARALLEL_IMAGE_PULLS = setting(
            RUNTIME, NO_FLAG, "maxParallelImagePulls", ValueType.NUMBER, "8", "How many images are pulled at once.");
    static final Setting REGISTRY_QPS = setting(
            RUNTIME,
            "--registry-qps",
            "registryPullQPS",
            ValueType.NUMBER,
            "5",
            "How many pulls may start in a second; 0 sets no limit. Further pulls wait.");
    static final Setting REGISTRY_BURST = setting(
            RUNTIME,
            "--registry-burst",
            "registryBurst",
            ValueType.NUMBER,
            "10",
            "How many pulls may start at once before that limit counts; 0 in the file stands for the default.");
    static final Setting IMAGE_PULL_CREDENTIALS_VERIFICATION_POLICY = setting(
            RUNTIME,
            NO_FLAG,
            "imagePullCredentialsVerificationPolicy",
            ValueType.NAME,
            "NeverVerifyPreloadedImages",
            "Which pods need credentials for an image that is already on the node: NeverVerify, "
                    + "NeverVerifyPreloadedImages, NeverVerifyAllowlistedImages or AlwaysVerify.");
    static final Setting PRELOADED_IMAGES_VERIFICATION_ALLOWLIST = setting(
            RUNTIME,
            NO_FLAG,
            "preloadedImagesVerificationAllowlist",
            ValueType.NAMES,
            NO_DEFAULT,
            "Images that NeverVerifyAllowlistedImages exempts: names without tag and digest, or "
                    + "beginnings of names followed by /*.");
    static final Setting IMAGE_CREDENTIAL_PROVIDER_CONFIG = setting(
            RUNTIME,
            "--image-credential-provider-config",
            NO_FIELD,
            ValueType.FILE,
            NO_DEFAULT,
            "CredentialProviderConfig: programs that know credentials for registries.");
    static final Setting IMAGE_CREDENTIAL_PROVIDER_BIN_DIR = setting(
            RUNTIME,
            "--image-credential-provider-bin-dir",
            NO_FIELD,
            ValueType.DIRECTORY,
            NO_DEFAULT,
            "Directory of these programs.");
    static final Setting IMAGE_GC_HIGH_THRESHOLD = setting(
            RUNTIME,
            "--image-gc-high-threshold",
            "imageGCHighThresholdPercent",
            ValueType.PERCENT,
            "85",
            "Disk usage above which unused images are removed; 100 turns that off.");
    static final Setting IMAGE_GC_LOW_THRESHOLD = setting(
            RUNTIME,
            "--image-gc-low-threshold",
            "imageGCLowThresholdPercent",
            ValueType.PERCENT,
            "80",
            "Disk usage down to which unused images are removed.");
    static final Setting MINIMUM_IMAGE_TTL_DURATION = setting(
            RUNTIME,
            "--minimum-image-ttl-duration",
            "imageMinimumGCAge",
            ValueType.DURATION,
            "2m",
            "Age before which an unused image is not removed for space.");
    static final Setting IMAGE_MAXIMUM_GC_AGE = setting(
            RUNTIME,
            NO_FLAG,
            "imageMaximumGCAge",
            ValueType.DURATION,
            "0s",
            "Time without use after which an image is removed in any case; 0s turns that off.");
    static final Setting MAX_PODS = setting(
            RESOURCES,
            "--max-pods",
            "maxPods",
            ValueType.NUMBER,
            "110",
            "How many pods may run; 0 in the file stands for the default.");
    static final Setting CGROUP_ROOT = setting(
            RESOURCES,
            "--cgroup-root",
            "cgroupRoot",
            ValueType.PATH,
            NO_DEFAULT,
            "Cgroup in whose kubepods the cgroups of pods are. Default: the root cgroup.");
    static final Setting CGROUPS_PER_QOS = setting(
            RESOURCES,
            "--cgroups-per-qos",
            "cgroupsPerQOS",
            ValueType.BOOLEAN,
            "true",
            "Whether each pod has a cgroup of its own, below that of its QoS class.");
    static final Setting CGROUP_DRIVER = setting(
            RESOURCES,
            "--cgroup-driver",
            "cgroupDriver",
            ValueType.NAME,
            NO_DEFAULT,
            "cgroupfs or systemd, where the runtime does not tell. Default: cgroupfs.");
    static final Setting POD_MAX_PIDS = setting(
            RESOURCES,
            "--pod-max-pids",
            "podPidsLimit",
            ValueType.LONG_NUMBER,
            "-1",
            "How many processes and threads a pod may have; 0 and less set no limit.");
    static final Setting SINGLE_PROCESS_OOM_KILL = setting(
            RESOURCES,
            NO_FLAG,
            "singleProcessOOMKill",
            ValueType.BOOLEAN,
            "false",
            "Whether a container that runs out of memory loses one process, and not all.");
    static final Setting CPU_CFS_QUOTA = setting(
            RESOURCES, "--cpu-cfs-quota", "cpuCFSQuota", ValueType.BOOLEAN, "true", "Whether CPU limits are enforced.");
    static final Setting CPU_CFS_QUOTA_PERIOD = setting(
            RESOURCES,
            "--cpu-cfs-quota-period",
            "cpuCFSQuotaPeriod",
            ValueType.DURATION,
            "100ms",
            "Period in which CPU limits are enforced, from 1ms to 1s.");
    static final Setting KUBE_RESERVED = setting(
            RESOURCES,
            "--kube-reserved",
            "kubeReserved",
            ValueType.MAP,
            NO_DEFAULT,
            "What is kept from pods for Jubelet and the runtime: cpu, memory, ephemeral-storage, " + "pid.");
    static final Setting SYSTEM_RESERVED = setting(
            RESOURCES,
            "--system-reserved",
            "systemReserved",
            ValueType.MAP,
            NO_DEFAULT,
            "What is kept from pods for the rest of the system, in addition.");
    static final Setting ENFORCE_NODE_ALLOCATABLE = setting(
            RESOURCES,
            "--enforce-node-allocatable",
            "enforceNodeAllocatable",
            ValueType.NAMES,
            "pods",
            "With pods, all pods together may take only what is not reserved.");
    static final Setting EVICTION_HARD = setting(
            RESOURCES,
            "--eviction-hard",
            "evictionHard",
            ValueType.THRESHOLDS,
            NO_DEFAULT,
            "What must stay free; below it the node is under pressure. Default: "
                    + "memory.available<100Mi,nodefs.available<10%,nodefs.inodesFree<5%,imagefs.available<15%,imagefs.inodesFree<5%.");
    static final Setting MERGE_DEFAULT_EVICTION_SETTINGS = setting(
            RESOURCES,
            NO_FLAG,
            "mergeDefaultEvictionSettings",
            ValueType.BOOLEAN,
            "false",
            "Whether evictionHard keeps the defaults of the signals that it does not name.");
    static final Setting SECCOMP_DEFAULT = setting(
            RESOURCES,
            "--seccomp-default",
            "seccompDefault",
            ValueType.BOOLEAN,
            "false",
            "Whether containers that ask for no seccomp profile have the default profile of the " + "runtime.");
    static final Setting ALLOWED_UNSAFE_SYSCTLS = setting(
            RESOURCES,
            "--allowed-unsafe-sysctls",
            "allowedUnsafeSysctls",
            ValueType.NAMES,
            NO_DEFAULT,
            "Sysctls that pods may set besides the safe ones; kernel.msg* allows all whose names "
                    + "begin with kernel.msg.");
    static final Setting USER_NAMESPACES_IDS_PER_POD = setting(
            RESOURCES,
            NO_FLAG,
            "userNamespaces.idsPerPod",
            ValueType.LONG_NUMBER,
            "65536",
            "How many user IDs a pod with a user namespace has, a multiple of 65536.");
    static final Setting PORT = setting(
            LISTENERS,
            "--port",
            "port",
            ValueType.NUMBER,
            NO_DEFAULT,
            "Port that serves pods, logs and more with TLS, as for kubectl logs; 0 opens none. Default: 10250 with --kubeconfig "
                    + "if the configuration file has authentication.x509.clientCAFile, otherwise none.");
    static final Setting READ_ONLY_PORT = setting(
            LISTENERS,
            "--read-only-port",
            "readOnlyPort",
            ValueType.NUMBER,
            "0",
            "Port that serves health, pods and metrics to everyone, without TLS and authentication; 0 opens none.");
    static final Setting ADDRESS = setting(
            LISTENERS,
            "--address",
            "address",
            ValueType.ADDRESS,
            "0.0.0.0",
            "Address of the ports of --port and --read-only-port.");
    static final Setting ENABLE_SERVER = setting(
            LISTENERS,
            "--enable-server",
            "enableServer",
            ValueType.BOOLEAN,
            "true",
            "Whether the port of --port is opened.");
    static final Setting ENABLE_DEBUGGING_HANDLERS = setting(
            LISTENERS,
            "--enable-debugging-handlers",
            "enableDebuggingHandlers",
            ValueType.BOOLEAN,
            "true",
            "Whether the port of --port serves more than health, pods and metrics: logs, commands and the configuration.");
    static final Setting CERT_DIR = setting(
            LISTENERS,
            "--cert-dir",
            NO_FIELD,
            ValueType.DIRECTORY,
            NO_DEFAULT,
            "Where certificates are kept. Default: pki below the root directory.");
    static final Setting TLS_CERT_FILE = setting(
            LISTENERS,
            "--tls-cert-file",
            "tlsCertFile",
            ValueType.FILE,
            NO_DEFAULT,
            "Certificate of the port of --port and its issuers. Default: one is made.");
    static final Setting TLS_PRIVATE_KEY_FILE = setting(
            LISTENERS,
            "--tls-private-key-file",
            "tlsPrivateKeyFile",
            ValueType.FILE,
            NO_DEFAULT,
            "Key of that certificate.");
    static final Setting ROTATE_SERVER_CERTIFICATES = setting(
            LISTENERS,
            "--rotate-server-certificates",
            "serverTLSBootstrap",
            ValueType.BOOLEAN,
            "false",
            "Whether the cluster signs the certificate of the port of --port.");
    static final Setting TLS_MIN_VERSION = setting(
            LISTENERS,
            "--tls-min-version",
            "tlsMinVersion",
            ValueType.NAME,
            "VersionTLS12",
            "Oldest version of TLS: VersionTLS12 or VersionTLS13.");
    static final Setting TLS_CIPHER_SUITES = setting(
            LISTENERS,
            "--tls-cipher-suites",
            "tlsCipherSuites",
            ValueType.NAMES,
            NO_DEFAULT,
            "Cipher suites of TLS 1.2, as the kubelet names them; those of TLS 1.3 cannot be chosen. Default: "
                    + "ECDHE with AES-GCM or ChaCha20-Poly1305.");
    static final Setting TLS_CURVE_PREFERENCES = setting(
            LISTENERS,
            NO_FLAG,
            "tlsCurvePreferences",
            ValueType.NUMBERS,
            NO_DEFAULT,
            "Numbers of the curves for the exchange of keys, as in the kubelet: 23 P-256, 24 P-384, 25 P-521, 29 X25519. "
                    + "Default: those of Java.");
    static final Setting CLIENT_CA_FILE = setting(
            LISTENERS,
            "--client-ca-file",
            "authentication.x509.clientCAFile",
            ValueType.FILE,
            NO_DEFAULT,
            "Authorities of the certificates of callers. Required with --port.");
    static final Setting ANONYMOUS_AUTH = setting(
            LISTENERS,
            "--anonymous-auth",
            "authentication.anonymous.enabled",
            ValueType.BOOLEAN,
            "false",
            "Must be false with --port.");
    static final Setting AUTHENTICATION_WEBHOOK = setting(
            LISTENERS,
            "--authentication-token-webhook",
            "authentication.webhook.enabled",
            ValueType.BOOLEAN,
            NO_DEFAULT,
            "Whether the API server verifies the bearer tokens of callers. Default: if there is an " + "API server.");
    static final Setting AUTHENTICATION_WEBHOOK_CACHE_TTL = setting(
            LISTENERS,
            "--authentication-token-webhook-cache-ttl",
            "authentication.webhook.cacheTTL",
            ValueType.DURATION,
            "2m",
            "How long a verified token is cached; a flag of 0s turns that off.");
    static final Setting AUTHORIZATION_MODE = setting(
            LISTENERS,
            "--authorization-mode",
            "authorization.mode",
            ValueType.NAME,
            "Webhook",
            "Webhook: the API server decides what a caller may do. AlwaysAllow: all authenticated "
                    + "callers are served.");
    static final Setting AUTHORIZATION_WEBHOOK_CACHE_AUTHORIZED_TTL = setting(
            LISTENERS,
            "--authorization-webhook-cache-authorized-ttl",
            "authorization.webhook.cacheAuthorizedTTL",
            ValueType.DURATION,
            "5m",
            "How long a permission is cached; a flag of 0s turns that off.");
    static final Setting AUTHORIZATION_WEBHOOK_CACHE_UNAUTHORIZED_TTL = setting(
            LISTENERS,
            "--authorization-webhook-cache-unauthorized-ttl",
            "authorization.webhook.cacheUnauthorizedTTL",
            ValueType.DURATION,
            "30s",
            "How long a denial is cached; a flag of 0s turns that off.");
    static final Setting HEALTHZ_PORT = setting(
            LISTENERS,
            "--healthz-port",
            "healthzPort",
            ValueType.NUMBER,
            "0",
            "Port that serves the health of the daemon without TLS; 0 opens none. The kubelet uses "
                    + "10248, and kubeadm waits for it.");
    static final Setting HEALTHZ_BIND_ADDRESS = setting(
            LISTENERS,
            "--healthz-bind-address",
            "healthzBindAddress",
            ValueType.ADDRESS,
            "127.0.0.1",
            "Address of the health port.");
    static final Setting SERVE_KUBERNETES_API = setting(
            LISTENERS,
            "--serve-kubernetes-api",
            NO_FIELD,
            ValueType.ADDRESS_AND_PORT,
            NO_DEFAULT,
            "Address and port that serve a read-only Kubernetes API of this node for kubectl, such as 127.0.0.1:6443. Without "
                    + "it none is served. jubelet kubeconfig prints the configuration for kubectl.");
    static final Setting METRICS_ADDRESS = setting(
            LISTENERS,
            "--metrics-address",
            NO_FIELD,
            ValueType.ADDRESS_AND_PORT,
            NO_DEFAULT,
            "Where to serve metrics without TLS, such as 127.0.0.1:9464. Only an address of this machine is accepted, such as "
                    + "127.0.0.1 or [::1], because everyone who can connect can read them. Other machines use --port.");
    static final Setting KUBECONFIG = setting(
            CLUSTER,
            "--kubeconfig",
            NO_FIELD,
            ValueType.FILE,
            NO_DEFAULT,
            "How to reach an API server. Without it Jubelet uses none, and needs none.");
    static final Setting BOOTSTRAP_KUBECONFIG = setting(
            CLUSTER,
            "--bootstrap-kubeconfig",
            NO_FIELD,
            ValueType.FILE,
            NO_DEFAULT,
            "How to request a client certificate where --kubeconfig has none that is valid. Then "
                    + "--kubeconfig is written.");
    static final Setting ROTATE_CERTIFICATES = setting(
            CLUSTER,
            "--rotate-certificates",
            "rotateCertificates",
            ValueType.BOOLEAN,
            "false",
            "Whether the client certificate is renewed before it expires.");
    static final Setting REGISTER_NODE = setting(
            CLUSTER,
            "--register-node",
            "registerNode",
            ValueType.BOOLEAN,
            "true",
            "Whether Jubelet creates the Node, or waits until it exists.");
    static final Setting REGISTER_WITH_TAINTS = setting(
            CLUSTER,
            "--register-with-taints",
            "registerWithTaints",
            ValueType.TAINTS,
            NO_DEFAULT,
            "Taints that the Node is created with.");
    static final Setting PROVIDER_ID = setting(
            CLUSTER, "--provider-id", "providerID", ValueType.TEXT, NO_DEFAULT, "What the cloud calls this machine.");
    static final Setting CLOUD_PROVIDER = setting(
            CLUSTER,
            "--cloud-provider",
            NO_FIELD,
            ValueType.NAME,
            NO_DEFAULT,
            "external: a controller of the cloud initializes the Node. Other providers are "
                    + "refused, as the kubelet has none any more.");
    static final Setting NODE_STATUS_UPDATE_FREQUENCY = setting(
            CLUSTER,
            "--node-status-update-frequency",
            "nodeStatusUpdateFrequency",
            ValueType.DURATION,
            "10s",
            "How often the status of the Node is computed, and sent if it changed.");
    static final Setting NODE_STATUS_REPORT_FREQUENCY = setting(
            CLUSTER,
            NO_FLAG,
            "nodeStatusReportFrequency",
            ValueType.DURATION,
            NO_DEFAULT,
            "How often the status is sent though it has not changed. Default: 5m, or "
                    + "nodeStatusUpdateFrequency if that is set.");
    static final Setting NODE_STATUS_MAX_IMAGES = setting(
            CLUSTER,
            "--node-status-max-images",
            "nodeStatusMaxImages",
            ValueType.NUMBER,
            "50",
            "How many images the status names; -1 names all.");
    static final Setting NODE_LEASE_DURATION_SECONDS = setting(
            CLUSTER,
            NO_FLAG,
            "nodeLeaseDurationSeconds",
            ValueType.NUMBER,
            "40",
            "Time without a renewal of its Lease after which the cluster considers the node lost.");
    static final Setting EVICTION_PRESSURE_TRANSITION_PERIOD = setting(
            CLUSTER,
            "--eviction-pressure-transition-period",
            "evictionPressureTransitionPeriod",
            ValueType.DURATION,
            "5m",
            "How long the Node is reported under pressure after it last was.");
    static final Setting EVENT_QPS = setting(
            CLUSTER,
            "--event-qps",
            "eventRecordQPS",
            ValueType.NUMBER,
            "50",
            "How many events are sent in a second in the long run; 0 sets no limit.");
    static final Setting EVENT_BURST = setting(
            CLUSTER,
            "--event-burst",
            "eventBurst",
            ValueType.NUMBER,
            "100",
            "How many events may be sent at once; 0 in the file stands for the default.");

    private Settings() {}

    /** The rows, in the order of the sections. */
    static List<Setting> all() {
        return Collections.unmodifiableList(ALL);
    }

    /**
     * @param flag the names of the flag, separated by spaces
     * @param text what the help says
     */
    private static Setting setting(
            Section section, String flag, String field, ValueType type, String defaultValue, String text) {
        return add(section, flag, field, type, FieldTable.Use.HONOURED, defaultValue, text);
    }

    private static Setting add(
            Section section,
            String flag,
            String field,
            ValueType type,
            FieldTable.Use use,
            String defaultValue,
            String text) {
        Setting setting = new Setting(
                flag.isEmpty() ? List.of() : List.of(flag.split(" ")),
                field.isEmpty() ? Optional.empty() : Optional.of(field),
                type,
                section,
                use,
                defaultValue.isEmpty() ? Optional.empty() : Optional.of(defaultValue),
                text);
        ALL.add(setting);
        return setting;
    }
}
