/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.config;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.jubelet.document.Documents;
import io.jubelet.document.Findings;
import io.jubelet.document.GoDuration;
import io.jubelet.document.Node;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Reads command lines and configuration files as the kubelet of a release reads them. Its answers are recorded: {@code
 * tools/kubelet-settings.sh} asks the code of the kubelet itself, and writes them anew.
 */
class KubeletAnswersTest {

    /** Cases that Jubelet reads in another way than the kubelet: patterns of them, and why. */
    private static final Map<String, String> DELIBERATE = deliberate();

    private static Map<String, String> deliberate() {
        Map<String, String> cases = new LinkedHashMap<>();
        cases.put(".*\"--root-dir(\"|=).*", "the daemon needs an absolute path, because mounts do");
        cases.put(".*--hostname-override=--x.*", "the kubelet ends later, when it makes the Node");
        cases.put(".*--cloud-provider=aws.*", "the kubelet ends later, because it has no such provider any more");
        cases.put(".*--minimum-container-ttl-duration=-1s.*", "the kubelet ends later, when it makes its collector");
        cases.put(
                ".*container-?[lL]og-?[mM]ax-?[sS]ize.*\\b(0|10MB)\\b.*", "the kubelet ends later, when it parses it");
        cases.put(".*authorization: \\{mode: Never}.*", "the kubelet ends later, when it makes the authorizer");
        cases.put(".*registerWithTaints: \\[\\{key: a}].*", "the API server refuses the Node");
        cases.put(".*\\bport(=|: )[12]\\b.*", "the port has no certificates, so everybody could read all pods");
        cases.put(".*--port=0\\b.*", "Jubelet opens no port by default");
        cases.put(".*(staticPodURL|defaultPodSysctls).*", "pods would be lost, or run without what they need");
        cases.put(".*(staticPodPth|swapBehaviour|MaxPods).*", "the kubelet ignores misspelt fields with a warning");
        cases.put(
                ".*(file-check-frequency|fileCheckFrequency|runtime-request-timeout|runtimeRequestTimeout"
                        + "|node-status-update-frequency|nodeStatusUpdateFrequency|nodeStatusReportFrequency)"
                        + "(=|: )(-1s|0s?|1us)\".*",
                "no period is that short: the default counts, and what is not 0 is told");
        cases.put(
                ".*(Period|-period|TTL|-ttl)(=|: )-1s.*",
                "as with the kubelet nothing is kept, which is a period of 0 here");
        cases.put(".*: (null|\\\\\"\\\\\"|\\\\\"0\\\\\")}*\".*", "what has no value counts as absent");
        cases.put(".*(containerLogMonitorInterval: 1).*", "a shorter interval than that of the kubelet is possible");
        cases.put(
                ".*(containerLogMonitorInterval|maxContainerRestartPeriod|cpuCFSQuotaPeriod|cpu-cfs-quota-period).*\\b0s?\\b.*",
                "0 stands for the default in all durations");
        cases.put(".*--pod-max-pids=-2.*", "all negative numbers set no limit");
        cases.put(".*--feature-gates=NodeSwap=true\", .*=false.*", "feature gates have no effect");
        cases.put(".*--log-text-info-buffer-size.*", "feature gates have no effect");
        cases.put(
                ".*--(log-dir|logtostderr|skip-headers|pod-infra-container-image|container-runtime)\\b.*",
                "flags of earlier releases, which units still have");
        cases.put(".*(enforce-node-allocatable|enforceNodeAllocatable|cgroupsPerQOS).*", "only pods has an effect");
        cases.put(".*--register-with-taints=a:NoSchedule,a:NoSchedule.*", "the API server takes it");
        cases.put(".*--node-labels=node-role.*", "without an API server no label is reserved");
        cases.put(".*podLogsDir: /a/../b.*", "any absolute path will do");
        cases.put(".*runOnce: true.*", "it has no effect, and the warning says so");
        return cases;
    }

    /** What Jubelet made of a field, as the kubelet would write it. */
    private static final Map<String, Function<DaemonConfig, Object>> FIELDS = fields();

    private static Map<String, Function<DaemonConfig, Object>> fields() {
        Map<String, Function<DaemonConfig, Object>> fields = new LinkedHashMap<>();
        fields.put("fileCheckFrequency", config -> config.node().manifests().checkFrequency());
        fields.put("runtimeRequestTimeout", config -> config.runtime().requestTimeout());
        fields.put(
                "containerLogMonitorInterval", config -> config.runtime().logs().monitorInterval());
        fields.put("containerLogMaxFiles", config -> config.runtime().logs().maxFiles());
        fields.put(
                "crashLoopBackOff.maxContainerRestartPeriod",
                config -> config.runtime().maxRestartPeriod());
        fields.put("clusterDNS", config -> config.runtime().dns().clusterServers());
        fields.put(
                "registryPullQPS", config -> config.runtime().images().pulls().perSecond());
        fields.put("registryBurst", config -> config.runtime().images().pulls().burst());
        fields.put(
                "imageGCHighThresholdPercent",
                config -> config.runtime().images().collection().highPercent());
        fields.put(
                "imageGCLowThresholdPercent",
                config -> config.runtime().images().collection().lowPercent());
        fields.put(
                "imageMinimumGCAge",
                config -> config.runtime().images().collection().minimumAge());
        fields.put(
                "imageMaximumGCAge",
                config -> config.runtime().images().collection().maximumAge());
        fields.put("maxPods", config -> config.resources().maxPods());
        fields.put("podPidsLimit", config -> config.resources().cgroups().podPidsLimit());
        fields.put("cgroupsPerQOS", config -> config.resources().cgroups().perQos());
        fields.put(
                "cpuCFSQuotaPeriod",
                config -> config.resources().cgroups().cfsQuotaPeriod().orElseThrow());
        fields.put("seccompDefault", config -> config.resources().confinement().seccompDefault());
        fields.put("address", config -> config.listeners().kubelet().address());
        fields.put("healthzBindAddress", config -> config.listeners().health().address());
        fields.put(
                "authentication.webhook.cacheTTL",
                config -> config.listeners().access().tokenTtl());
        fields.put(
                "authorization.webhook.cacheAuthorizedTTL",
                config -> config.listeners().access().authorizedTtl());
        fields.put(
                "authorization.webhook.cacheUnauthorizedTTL",
                config -> config.listeners().access().unauthorizedTtl());
        fields.put("rotateCertificates", config -> config.cluster().rotateCertificates());
        fields.put("registerNode", config -> config.cluster().registration().enabled());
        fields.put(
                "nodeStatusUpdateFrequency", config -> config.cluster().status().updateFrequency());
        fields.put(
                "nodeStatusReportFrequency", config -> config.cluster().status().reportFrequency());
        fields.put(
                "evictionPressureTransitionPeriod",
                config -> config.cluster().status().pressureTransition());
        fields.put("nodeStatusMaxImages", config -> config.cluster().status().maxImages());
        fields.put(
                "nodeLeaseDurationSeconds",
                config -> config.cluster().status().leaseDuration().toSeconds());
        fields.put("eventRecordQPS", config -> config.cluster().events().perSecond());
        fields.put("eventBurst", config -> config.cluster().events().burst());
        return fields;
    }

    private static final Setting MAP_OF_TEXTS = Settings.KUBE_RESERVED;

    @ParameterizedTest
    @ValueSource(strings = {"1.36", "1.37"})
    void readsAsTheKubelet(String release) throws IOException {
        List<String> cases = KubeletSetting.lines("cases.jsonl");
        List<String> answers = KubeletSetting.lines("answers-" + release + ".jsonl");
        assertEquals(cases.size(), answers.size());
        List<String> wrong = new ArrayList<>();
        DaemonConfig defaults =
                LoadedConfig.load(FlagValues.NONE, Configs.HOSTNAME).config();
        Set<String> needed = new HashSet<>();
        for (int i = 0; i < cases.size(); i++) {
            String difference = difference(node(cases.get(i)), node(answers.get(i)), defaults);
            Optional<String> reason = difference.isEmpty() ? Optional.empty() : deliberate(cases.get(i));
            reason.ifPresent(needed::add);
            if (!difference.isEmpty() && reason.isEmpty()) {
                wrong.add(cases.get(i) + "\n    " + answers.get(i) + "\n    " + difference);
            }
        }
        assertEquals("", String.join("\n", wrong));
        assertEquals(DELIBERATE.keySet(), needed);
    }

    private static Optional<String> deliberate(String line) {
        return DELIBERATE.keySet().stream().filter(line::matches).findFirst();
    }

    private static String difference(Node.Mapping given, Node.Mapping answer, DaemonConfig defaults)
            throws IOException {
        FlagParser.Result parsed = FlagParser.parse(texts(given.get("args")));
        List<String> errors = new ArrayList<>(parsed.problems());
        LoadedConfig loaded = null;
        if (errors.isEmpty()) {
            loaded = given.get("config") == null
                    ? LoadedConfig.load(parsed.flags(), Configs.HOSTNAME)
                    : LoadedConfig.parse(
                            parsed.flags(),
                            ("apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\n"
                                            + text(given.get("config")))
                                    .getBytes(StandardCharsets.UTF_8),
                            Path.of("/c.yaml"),
                            Configs.HOSTNAME);
            errors.addAll(loaded.errors());
        }
        boolean refused = answer.get("error") != null;
        if (refused || !errors.isEmpty()) {
            return refused == !errors.isEmpty() ? "" : "refused by the kubelet: " + refused + ", here: " + errors;
        }
        List<String> differences = new ArrayList<>();
        compareFlags(parsed.flags(), (Node.Mapping) answer.get("flags"), differences);
        for (Map.Entry<String, Function<DaemonConfig, Object>> field : FIELDS.entrySet()) {
            Node.Mapping fields = (Node.Mapping) answer.get("fields");
            boolean changed = fields != null
                    && fields.entries().stream().anyMatch(e -> e.key().equals(field.getKey()));
            Object ours = field.getValue().apply(loaded.config());
            Object theirs = changed
                    ? value(fields.get(field.getKey()), ours)
                    : field.getValue().apply(defaults);
            if (!ours.equals(theirs)) {
                differences.add(field.getKey() + " is " + theirs + " for the kubelet, and here " + ours);
            }
        }
        return String.join("; ", differences);
    }

    private static void compareFlags(FlagValues ours, Node.Mapping theirs, List<String> differences) {
        Map<String, String> values = new LinkedHashMap<>();
        for (Node.Entry entry : theirs == null ? List.<Node.Entry>of() : theirs.entries()) {
            values.put("--" + entry.key(), text(entry.value()));
        }
        List<String> names =
                ours.values().keySet().stream().map(Setting::name).sorted().toList();
        if (!names.equals(values.keySet().stream().sorted().toList())) {
            differences.add("the flags " + names);
            return;
        }
        ours.values().forEach((setting, value) -> {
            String expected = values.get(setting.name());
            String shown = shown(setting, value);
            boolean same = setting.type() == ValueType.DURATION
                    ? GoDuration.parse(value).equals(GoDuration.parse(expected))
                    : shown.equals(expected.strip());
            if (!same) {
                differences.add(setting.name() + " is " + expected + ", here " + shown);
            }
        });
    }

    /** A value as pflag shows it. */
    private static String shown(Setting setting, String value) {
        return switch (setting.type().node(value)) {
            case Node.Sequence items
            when setting.type() == ValueType.NAMES || setting.type() == ValueType.ADDRESSES ->
                "["
                        + String.join(
                                ",",
                                items.items().stream()
                                        .map(KubeletAnswersTest::csv)
                                        .toList()) + "]";
            case Node.Mapping map -> {
                String separator = setting.type() == ValueType.THRESHOLDS ? "<" : "=";
                yield String.join(
                        ",",
                        map.entries().stream()
                                .map(entry -> entry.key() + separator + text(entry.value()))
                                .sorted()
                                .toList());
            }
            case Node.Sequence items
            when setting.type() == ValueType.LABELS ->
                shown(
                        MAP_OF_TEXTS,
                        String.join(
                                ",",
                                texts(items).stream()
                                        .map(label -> label.contains("=") ? label : label + "=")
                                        .toList()));
            case Node.Sequence _ when setting.type() == ValueType.TAINTS -> value.replaceAll("(^|,)(\\w+):", "$1$2=:");
            default -> value.strip();
        };
    }

    private static String csv(Node item) {
        String text = text(item);
        return text.contains(",") || text.contains("\"") ? "\"" + text.replace("\"", "\"\"") + "\"" : text;
    }

    /** A value of the kubelet in the type that Jubelet has for it; null is the zero value. */
    private static Object value(Node node, Object like) {
        String text = node == null || node.isNull() ? "" : node instanceof Node.Scalar ? text(node) : "";
        return switch (like) {
            case java.time.Duration _ -> GoDuration.parse(text.isEmpty() ? "0" : text);
            case Integer _ -> text.isEmpty() ? 0 : Integer.valueOf(text);
            case Long _ -> text.isEmpty() ? 0 : (long) Double.parseDouble(text);
            case Boolean _ -> text.equals("true");
            case List<?> _ -> texts(node);
            default -> text;
        };
    }

    private static List<String> texts(Node node) {
        return node == null || node.isNull()
                ? List.of()
                : ((Node.Sequence) node)
                        .items().stream().map(KubeletAnswersTest::text).toList();
    }

    private static String text(Node node) {
        return ((Node.Scalar) node).value();
    }

    private static Node.Mapping node(String line) {
        return (Node.Mapping) Documents.read(line.getBytes(StandardCharsets.UTF_8), new Findings())
                .getFirst();
    }
}
