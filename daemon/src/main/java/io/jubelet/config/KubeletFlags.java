package io.jubelet.config;

import io.jubelet.document.Finding;
import io.jubelet.document.Node;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Flags of the kubelet (1.36) that units of systemd and kubeadm pass, beside those that Jubelet describes as its own: each is
 * another way to write a field of KubeletConfiguration, or is of no use here and said to be so.
 *
 * <p>Source: the Kubernetes page on the kubelet's command line.
 *
 * @param given in the order of the command line
 */
public record KubeletFlags(List<Given> given) {

    public static final KubeletFlags NONE = new KubeletFlags(List.of());

    private static final String LOG = "Jubelet logs to standard error, for the journal; -v sets how much";
    private static final String WINDOWS = "it is for Windows";

    /** A flag as it was given. */
    public record Given(String name, String value) {
        public Given {
            Objects.requireNonNull(name, "name");
            Objects.requireNonNull(value, "value");
        }
    }

    /** What a flag is for. */
    private sealed interface Meaning {

        /** Another way to write a field; its name has dots where it is in another. */
        record Field(String name, Form form) implements Meaning {}

        /** Whether somebody else initializes the Node: {@code external}, or nothing. */
        record Cloud() implements Meaning {}

        /** Nothing, for the reason. */
        record Nothing(String reason) implements Meaning {}
    }

    /** How the value of a flag is written as the value of a field. */
    private enum Form {
        TEXT,
        SWITCH,
        NUMBER,
        LIST,
        MAP,
        THRESHOLDS,
        GATES,
        TAINTS
    }

    public KubeletFlags {
        given = List.copyOf(given);
    }

    /** Whether there is such a flag. */
    public static boolean knows(String name) {
        return meaning(name) != null;
    }

    /** Whether a flag may stand without a value, and never takes the next word for one. */
    public static boolean isSwitch(String name) {
        return switch (meaning(name)) {
            case null -> false;
            case Meaning.Field(var _, var form) -> form == Form.SWITCH;
            case Meaning.Cloud _ -> false;
            case Meaning.Nothing _ ->
                switch (name) {
                    case "--exit-on-lock-contention",
                            "--experimental-allocatable-ignore-eviction",
                            "--windows-service",
                            "--logtostderr",
                            "--alsologtostderr",
                            "--skip-headers",
                            "--skip-log-headers",
                            "--add-dir-header",
                            "--one-output",
                            "--log-json-split-stream",
                            "--log-text-split-stream" -> true;
                    default -> false;
                };
        };
    }

    private static Meaning meaning(String name) {
        return switch (name) {
            case "--register-node" -> new Meaning.Field("registerNode", Form.SWITCH);
            case "--register-with-taints" -> new Meaning.Field("registerWithTaints", Form.TAINTS);
            case "--cloud-provider" -> new Meaning.Cloud();
            case "--provider-id" -> new Meaning.Field("providerID", Form.TEXT);
            case "--node-status-update-frequency" -> new Meaning.Field("nodeStatusUpdateFrequency", Form.TEXT);
            case "--event-qps" -> new Meaning.Field("eventRecordQPS", Form.NUMBER);
            case "--event-burst" -> new Meaning.Field("eventBurst", Form.NUMBER);
            case "--rotate-certificates" -> new Meaning.Field("rotateCertificates", Form.SWITCH);
            case "--rotate-server-certificates" -> new Meaning.Field("serverTLSBootstrap", Form.SWITCH);
            case "--container-log-max-files" -> new Meaning.Field("containerLogMaxFiles", Form.NUMBER);
            case "--container-log-max-size" -> new Meaning.Field("containerLogMaxSize", Form.TEXT);
            case "--cpu-cfs-quota" -> new Meaning.Field("cpuCFSQuota", Form.SWITCH);
            case "--cpu-cfs-quota-period" -> new Meaning.Field("cpuCFSQuotaPeriod", Form.TEXT);
            case "--enforce-node-allocatable" -> new Meaning.Field("enforceNodeAllocatable", Form.LIST);
            case "--eviction-hard" -> new Meaning.Field("evictionHard", Form.THRESHOLDS);
            case "--eviction-soft" -> new Meaning.Field("evictionSoft", Form.THRESHOLDS);
            case "--eviction-soft-grace-period" -> new Meaning.Field("evictionSoftGracePeriod", Form.MAP);
            case "--eviction-minimum-reclaim" -> new Meaning.Field("evictionMinimumReclaim", Form.MAP);
            case "--eviction-max-pod-grace-period" -> new Meaning.Field("evictionMaxPodGracePeriod", Form.NUMBER);
            case "--eviction-pressure-transition-period" ->
                new Meaning.Field("evictionPressureTransitionPeriod", Form.TEXT);
            case "--kube-reserved" -> new Meaning.Field("kubeReserved", Form.MAP);
            case "--system-reserved" -> new Meaning.Field("systemReserved", Form.MAP);
            case "--kube-reserved-cgroup" -> new Meaning.Field("kubeReservedCgroup", Form.TEXT);
            case "--system-reserved-cgroup" -> new Meaning.Field("systemReservedCgroup", Form.TEXT);
            case "--qos-reserved" -> new Meaning.Field("qosReserved", Form.MAP);
            case "--reserved-cpus" -> new Meaning.Field("reservedSystemCPUs", Form.TEXT);
            case "--runtime-request-timeout" -> new Meaning.Field("runtimeRequestTimeout", Form.TEXT);
            case "--serialize-image-pulls" -> new Meaning.Field("serializeImagePulls", Form.SWITCH);
            case "--feature-gates" -> new Meaning.Field("featureGates", Form.GATES);
            case "--fail-swap-on" -> new Meaning.Field("failSwapOn", Form.SWITCH);
            case "--fail-cgroupv1" -> new Meaning.Field("failCgroupV1", Form.SWITCH);
            case "--cpu-manager-policy" -> new Meaning.Field("cpuManagerPolicy", Form.TEXT);
            case "--cpu-manager-policy-options" -> new Meaning.Field("cpuManagerPolicyOptions", Form.MAP);
            case "--cpu-manager-reconcile-period" -> new Meaning.Field("cpuManagerReconcilePeriod", Form.TEXT);
            case "--memory-manager-policy" -> new Meaning.Field("memoryManagerPolicy", Form.TEXT);
            case "--topology-manager-policy" -> new Meaning.Field("topologyManagerPolicy", Form.TEXT);
            case "--topology-manager-policy-options" -> new Meaning.Field("topologyManagerPolicyOptions", Form.MAP);
            case "--topology-manager-scope" -> new Meaning.Field("topologyManagerScope", Form.TEXT);
            case "--hairpin-mode" -> new Meaning.Field("hairpinMode", Form.TEXT);
            case "--kernel-memcg-notification" -> new Meaning.Field("kernelMemcgNotification", Form.SWITCH);
            case "--kubelet-cgroups" -> new Meaning.Field("kubeletCgroups", Form.TEXT);
            case "--system-cgroups" -> new Meaning.Field("systemCgroups", Form.TEXT);
            case "--local-storage-capacity-isolation" ->
                new Meaning.Field("localStorageCapacityIsolation", Form.SWITCH);
            case "--make-iptables-util-chains" -> new Meaning.Field("makeIPTablesUtilChains", Form.SWITCH);
            case "--max-open-files" -> new Meaning.Field("maxOpenFiles", Form.NUMBER);
            case "--oom-score-adj" -> new Meaning.Field("oomScoreAdj", Form.NUMBER);
            case "--pods-per-core" -> new Meaning.Field("podsPerCore", Form.NUMBER);
            case "--protect-kernel-defaults" -> new Meaning.Field("protectKernelDefaults", Form.SWITCH);
            case "--sync-frequency" -> new Meaning.Field("syncFrequency", Form.TEXT);
            case "--http-check-frequency" -> new Meaning.Field("httpCheckFrequency", Form.TEXT);
            case "--manifest-url" -> new Meaning.Field("staticPodURL", Form.TEXT);
            case "--volume-stats-agg-period" -> new Meaning.Field("volumeStatsAggPeriod", Form.TEXT);
            case "--volume-plugin-dir" -> new Meaning.Field("volumePluginDir", Form.TEXT);
            case "--enable-controller-attach-detach" -> new Meaning.Field("enableControllerAttachDetach", Form.SWITCH);
            case "--kube-api-qps" -> new Meaning.Field("kubeAPIQPS", Form.NUMBER);
            case "--kube-api-burst" -> new Meaning.Field("kubeAPIBurst", Form.NUMBER);
            case "--kube-api-content-type" -> new Meaning.Field("contentType", Form.TEXT);
            case "--node-status-max-images" -> new Meaning.Field("nodeStatusMaxImages", Form.NUMBER);
            case "--pod-cidr" -> new Meaning.Field("podCIDR", Form.TEXT);
            case "--runonce" -> new Meaning.Field("runOnce", Form.SWITCH);
            case "--enable-server" -> new Meaning.Field("enableServer", Form.SWITCH);
            case "--enable-debugging-handlers" -> new Meaning.Field("enableDebuggingHandlers", Form.SWITCH);
            case "--contention-profiling" -> new Meaning.Field("enableContentionProfiling", Form.SWITCH);
            case "--address" -> new Meaning.Field("address", Form.TEXT);
            case "--port" -> new Meaning.Field("port", Form.NUMBER);
            case "--read-only-port" -> new Meaning.Field("readOnlyPort", Form.NUMBER);
            case "--healthz-port" -> new Meaning.Field("healthzPort", Form.NUMBER);
            case "--healthz-bind-address" -> new Meaning.Field("healthzBindAddress", Form.TEXT);
            case "--streaming-connection-idle-timeout" ->
                new Meaning.Field("streamingConnectionIdleTimeout", Form.TEXT);
            case "--tls-cert-file" -> new Meaning.Field("tlsCertFile", Form.TEXT);
            case "--tls-private-key-file" -> new Meaning.Field("tlsPrivateKeyFile", Form.TEXT);
            case "--tls-cipher-suites" -> new Meaning.Field("tlsCipherSuites", Form.LIST);
            case "--tls-min-version" -> new Meaning.Field("tlsMinVersion", Form.TEXT);
            case "--client-ca-file" -> new Meaning.Field("authentication.x509.clientCAFile", Form.TEXT);
            case "--anonymous-auth" -> new Meaning.Field("authentication.anonymous.enabled", Form.SWITCH);
            case "--authentication-token-webhook" -> new Meaning.Field("authentication.webhook.enabled", Form.SWITCH);
            case "--authentication-token-webhook-cache-ttl" ->
                new Meaning.Field("authentication.webhook.cacheTTL", Form.TEXT);
            case "--authorization-mode" -> new Meaning.Field("authorization.mode", Form.TEXT);
            case "--authorization-webhook-cache-authorized-ttl" ->
                new Meaning.Field("authorization.webhook.cacheAuthorizedTTL", Form.TEXT);
            case "--authorization-webhook-cache-unauthorized-ttl" ->
                new Meaning.Field("authorization.webhook.cacheUnauthorizedTTL", Form.TEXT);
            case "--pod-infra-container-image" ->
                new Meaning.Nothing("the runtime knows the image of sandboxes: set it there, in containerd 1 by"
                        + " sandbox_image and in containerd 2 by pinned_images.sandbox");
            case "--container-runtime" -> new Meaning.Nothing("every runtime is reached over CRI");
            case "--runtime-cgroups" -> new Meaning.Nothing("the runtime's own use of resources is not looked at");
            case "--config-dir" ->
                new Meaning.Nothing("drop-ins are not read: write their fields into the file of --config");
            case "--manifest-url-header" -> new Meaning.Nothing("manifests come from a directory only");
            case "--reserved-memory" -> new Meaning.Nothing("memory is not reserved by NUMA node");
            case "--lock-file", "--exit-on-lock-contention" ->
                new Meaning.Nothing("of two daemons on one socket of the local API the second ends, with a message");
            case "--experimental-mounter-path", "--experimental-allocatable-ignore-eviction" ->
                new Meaning.Nothing("it has no effect in the kubelet either");
            case "--windows-service", "--windows-priorityclass" -> new Meaning.Nothing(WINDOWS);
            case "--logtostderr",
                    "--alsologtostderr",
                    "--stderrthreshold",
                    "--skip-headers",
                    "--skip-log-headers",
                    "--add-dir-header",
                    "--one-output",
                    "--log-dir",
                    "--log-file",
                    "--log-file-max-size",
                    "--log-backtrace-at",
                    "--log-flush-frequency",
                    "--log-json-info-buffer-size",
                    "--log-json-split-stream",
                    "--log-text-info-buffer-size",
                    "--log-text-split-stream",
                    "--logging-format",
                    "--vmodule" -> new Meaning.Nothing(LOG);
            default -> null;
        };
    }

    /** What is to be said of flags without any effect; each once, however often it was given. */
    public List<String> warnings() {
        List<String> warnings = new ArrayList<>();
        for (Given flag : given) {
            if (meaning(flag.name()) instanceof Meaning.Nothing(var reason)) {
                String warning = flag.name() + " has no effect: " + reason;
                if (!warnings.contains(warning)) {
                    warnings.add(warning);
                }
            }
        }
        return warnings;
    }

    /**
     * Whether a controller of the cluster will initialize the Node ({@code --cloud-provider=external}).
     *
     * @throws IllegalArgumentException when another provider is asked for, of which the kubelet has none any more
     */
    public boolean externalCloud() {
        boolean external = false;
        for (Given flag : given) {
            if (meaning(flag.name()) instanceof Meaning.Cloud) {
                external = flag.value().equals("external");
                if (!external && !flag.value().isEmpty()) {
                    throw new IllegalArgumentException(
                            "the cloud provider must be external or empty, and is \"" + flag.value() + "\"");
                }
            }
        }
        return external;
    }

    /** The fields of a KubeletConfiguration with what the flags say in place of what it says, for flags win. */
    Node.Mapping onto(Node.Mapping file) {
        Node.Mapping all = file;
        for (Map.Entry<String, Node> field : fields().entrySet()) {
            all = with(all, field.getKey(), field.getValue());
        }
        return all;
    }

    /** A mapping with another value at a path of names with dots between; what is no mapping on the way stays as it is. */
    private static Node.Mapping with(Node.Mapping mapping, String path, Node value) {
        int dot = path.indexOf('.');
        String key = dot < 0 ? path : path.substring(0, dot);
        Node there = mapping.get(key);
        Node here = value;
        if (dot >= 0 && (there == null || there.isNull())) {
            here = with(new Node.Mapping(0, 0, List.of()), path.substring(dot + 1), value);
        } else if (dot >= 0) {
            here = there instanceof Node.Mapping inner ? with(inner, path.substring(dot + 1), value) : there;
        }
        List<Node.Entry> entries = new ArrayList<>(mapping.entries());
        entries.removeIf(entry -> entry.key().equals(key));
        entries.add(new Node.Entry(0, 0, key, here));
        return new Node.Mapping(mapping.line(), mapping.column(), entries);
    }

    /** Where a finding has its place: in the file, or in a flag. */
    public String where(Finding finding, Path file) {
        for (Given flag : given) {
            if (finding.line() == 0
                    && meaning(flag.name()) instanceof Meaning.Field(var field, var _)
                    && finding.field().startsWith(field)) {
                return flag.name() + "=" + flag.value() + ": " + finding.message();
            }
        }
        return file + ":" + finding;
    }

    private Map<String, Node> fields() {
        Map<String, Node> fields = new HashMap<>();
        for (Given flag : given) {
            if (meaning(flag.name()) instanceof Meaning.Field(var field, var form)) {
                fields.put(field, node(form, flag.value()));
            }
        }
        return fields;
    }

    /** The value as it would stand in a file; what does not fit is judged there. */
    private static Node node(Form form, String value) {
        return switch (form) {
            case TEXT -> text(value);
            case SWITCH ->
                value.equals("true") || value.equals("false") ? scalar(Node.Type.BOOLEAN, value) : text(value);
            case NUMBER -> isNumber(value) ? scalar(Node.Type.INTEGER, value) : text(value);
            case LIST ->
                new Node.Sequence(
                        0, 0, parts(value).stream().map(KubeletFlags::text).toList());
            case MAP -> map(value, "=");
            case THRESHOLDS -> map(value, "<");
            case GATES -> {
                List<Node.Entry> gates = new ArrayList<>();
                for (Node.Entry gate : map(value, "=").entries()) {
                    gates.add(
                            new Node.Entry(0, 0, gate.key(), node(Form.SWITCH, ((Node.Scalar) gate.value()).value())));
                }
                yield new Node.Mapping(0, 0, gates);
            }
            case TAINTS ->
                new Node.Sequence(
                        0, 0, parts(value).stream().map(KubeletFlags::taint).toList());
        };
    }

    /** {@code key=value:effect}, where the value may be left out. */
    private static Node taint(String text) {
        int colon = text.lastIndexOf(':');
        String before = colon < 0 ? text : text.substring(0, colon);
        int equals = before.indexOf('=');
        List<Node.Entry> taint = new ArrayList<>();
        taint.add(new Node.Entry(0, 0, "key", text(equals < 0 ? before : before.substring(0, equals))));
        if (equals >= 0) {
            taint.add(new Node.Entry(0, 0, "value", text(before.substring(equals + 1))));
        }
        if (colon >= 0) {
            taint.add(new Node.Entry(0, 0, "effect", text(text.substring(colon + 1))));
        }
        return new Node.Mapping(0, 0, taint);
    }

    private static Node.Mapping map(String value, String separator) {
        List<Node.Entry> entries = new ArrayList<>();
        for (String part : parts(value)) {
            int at = part.indexOf(separator);
            String key = at < 0 ? part : part.substring(0, at);
            entries.removeIf(entry -> entry.key().equals(key));
            entries.add(new Node.Entry(0, 0, key, text(at < 0 ? "" : part.substring(at + separator.length()))));
        }
        return new Node.Mapping(0, 0, entries);
    }

    private static List<String> parts(String value) {
        List<String> parts = new ArrayList<>();
        for (String part : value.isBlank() ? new String[0] : value.split(",")) {
            parts.add(part.strip());
        }
        return parts;
    }

    private static boolean isNumber(String value) {
        boolean digits = !value.isEmpty() && !value.equals("-");
        for (int i = 0; digits && i < value.length(); i++) {
            char c = value.charAt(i);
            digits = (c >= '0' && c <= '9') || (c == '-' && i == 0);
        }
        return digits;
    }

    private static Node text(String value) {
        return scalar(Node.Type.TEXT, value);
    }

    private static Node scalar(Node.Type type, String value) {
        return new Node.Scalar(0, 0, type, value, value);
    }
}
