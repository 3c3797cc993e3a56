package io.jubelet.config;

import io.jubelet.document.Documents;
import io.jubelet.document.FieldReader;
import io.jubelet.document.FieldTable;
import io.jubelet.document.Finding;
import io.jubelet.document.Findings;
import io.jubelet.document.GoDuration;
import io.jubelet.document.Node;
import io.jubelet.pod.Quantity;
import io.jubelet.pod.SysctlAllowlist;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * What a KubeletConfiguration, and flags that stand for its fields, say of the things that Jubelet does; everything else is
 * absent.
 *
 * @param path of the file
 * @param clusterDns addresses of name servers; empty: not given
 * @param resolvConf a file; an empty text for none
 * @param errors with any, the file must not be used
 * @param warnings about fields without an effect
 */
public record KubeletConfigurationFile(
        Path path,
        Optional<Path> staticPodPath,
        Optional<Duration> fileCheckFrequency,
        Optional<String> containerRuntimeEndpoint,
        Optional<String> imageServiceEndpoint,
        Optional<Path> podLogsDir,
        Optional<Long> containerLogMaxSize,
        Optional<Integer> containerLogMaxFiles,
        Optional<Duration> containerLogMonitorInterval,
        Optional<Duration> maxContainerRestartPeriod,
        Optional<Duration> runtimeRequestTimeout,
        Optional<Boolean> cpuCfsQuota,
        Optional<Duration> cpuCfsQuotaPeriod,
        ImageSettings images,
        Optional<Boolean> seccompDefault,
        Optional<List<String>> allowedUnsafeSysctls,
        List<String> clusterDns,
        Optional<String> clusterDomain,
        Optional<String> resolvConf,
        Optional<Integer> maxPods,
        CertificateSettings certificates,
        ListenerSettings listener,
        NodeSettings node,
        ClusterOptions cluster,
        List<Finding> errors,
        List<Finding> warnings) {

    public static final String API_VERSION = "kubelet.config.k8s.io/v1beta1";
    public static final String KIND = "KubeletConfiguration";

    public KubeletConfigurationFile {
        Objects.requireNonNull(path, "path");
        clusterDns = List.copyOf(clusterDns);
        errors = List.copyOf(errors);
        warnings = List.copyOf(warnings);
    }

    /**
     * Reads a file.
     *
     * @throws IOException when it cannot be read; what is wrong with its content is in the result
     */
    public static KubeletConfigurationFile read(Path path, KubeletFlags flags) throws IOException {
        return parse(Files.readAllBytes(path), path, flags);
    }

    /** What flags say without a file. */
    public static KubeletConfigurationFile of(KubeletFlags flags) {
        String empty = "apiVersion: " + API_VERSION + "\nkind: " + KIND + "\n";
        return parse(empty.getBytes(StandardCharsets.UTF_8), Path.of("command-line"), flags);
    }

    /** Parses the content of a file; relative paths in it are taken from the directory of {@code path}. */
    public static KubeletConfigurationFile parse(byte[] content, Path path, KubeletFlags flags) {
        Findings findings = new Findings();
        List<Node> documents = Documents.read(content, findings);
        FieldTable table = KubeletFields.table();
        FieldReader fields = null;
        if (documents.size() == 1) {
            Node document = documents.getFirst();
            fields = FieldReader.open(
                    document instanceof Node.Mapping mapping ? said(flags.onto(mapping), table) : document,
                    "",
                    table,
                    findings);
        } else if (findings.errorCount() == 0) {
            findings.error(0, 0, "", "must contain one document, and there are " + documents.size());
        }
        if (fields == null) {
            Node nothing = new Node.Mapping(0, 0, List.of());
            fields = FieldReader.open(nothing, "", table, new Findings());
        } else {
            require(fields, "apiVersion", API_VERSION);
            require(fields, "kind", KIND);
        }
        Path directory = path.toAbsolutePath().getParent();
        FieldReader crashLoop = fields.mapping("crashLoopBackOff", KubeletFields.crashLoopBackOff());
        return new KubeletConfigurationFile(
                path,
                text(fields, "staticPodPath").map(directory::resolve).map(Path::normalize),
                duration(fields, "fileCheckFrequency"),
                text(fields, "containerRuntimeEndpoint"),
                text(fields, "imageServiceEndpoint"),
                text(fields, "podLogsDir").map(Path::of),
                size(fields, "containerLogMaxSize"),
                integer(fields, "containerLogMaxFiles", 2),
                duration(fields, "containerLogMonitorInterval"),
                crashLoop == null ? Optional.empty() : duration(crashLoop, "maxContainerRestartPeriod"),
                duration(fields, "runtimeRequestTimeout"),
                fields.has("cpuCFSQuota") ? Optional.of(fields.flag("cpuCFSQuota", true)) : Optional.empty(),
                duration(fields, "cpuCFSQuotaPeriod"),
                images(fields),
                fields.has("seccompDefault") ? Optional.of(fields.flag("seccompDefault", false)) : Optional.empty(),
                sysctls(fields),
                fields.texts("clusterDNS"),
                text(fields, "clusterDomain"),
                fields.has("resolvConf") ? Optional.of(fields.text("resolvConf", "")) : Optional.empty(),
                integer(fields, "maxPods", 0),
                CertificateSettings.parse(fields),
                ListenerSettings.parse(fields, directory),
                NodeSettings.parse(fields),
                ClusterOptions.parse(fields),
                findings.errors(),
                findings.warnings());
    }

    /** Without fields that would be warned of, and ask for nothing: kubeadm writes many a {@code 0s}. */
    private static Node.Mapping said(Node.Mapping mapping, FieldTable table) {
        List<Node.Entry> entries = new ArrayList<>(mapping.entries());
        for (FieldTable.Field field : table.fields()) {
            if (field.use() == FieldTable.Use.IGNORED) {
                entries.removeIf(entry -> entry.key().equals(field.name()) && saysNothing(entry.value()));
            }
        }
        return new Node.Mapping(mapping.line(), mapping.column(), entries);
    }

    private static boolean saysNothing(Node node) {
        return switch (node) {
            case Node.Scalar scalar ->
                scalar.isEmpty()
                        || scalar.value().equals("0s")
                        || scalar.value().equals("0");
            case Node.Sequence sequence -> sequence.items().stream().allMatch(KubeletConfigurationFile::saysNothing);
            case Node.Mapping mapping -> mapping.entries().stream().allMatch(entry -> saysNothing(entry.value()));
        };
    }

    private static void require(FieldReader fields, String name, String value) {
        String text = fields.requiredText(name, value);
        if (text != null && !text.equals(value)) {
            fields.error(name, "must be " + value + ", and this is \"" + text + "\"");
        }
    }

    private static Optional<String> text(FieldReader fields, String name) {
        return Optional.of(fields.text(name, "")).filter(text -> !text.isEmpty());
    }

    private static Optional<Integer> integer(FieldReader fields, String name, int min) {
        return fields.has(name)
                ? Optional.of((int) fields.integer(name, min, min, Integer.MAX_VALUE))
                : Optional.empty();
    }

    /** A duration; zero counts as absent, as for the kubelet. */
    static Optional<Duration> duration(FieldReader fields, String name) {
        String text = fields.text(name, "");
        if (text.isEmpty()) {
            return Optional.empty();
        }
        try {
            Duration duration = GoDuration.parse(text);
            if (duration.isNegative()) {
                fields.error(name, "must not be negative");
            }
            return duration.isZero() ? Optional.empty() : Optional.of(duration);
        } catch (IllegalArgumentException e) {
            fields.error(name, e.getMessage());
            return Optional.empty();
        }
    }

    private static Optional<Long> size(FieldReader fields, String name) {
        String text = fields.text(name, "");
        if (text.isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(Quantity.parse(text).value());
        } catch (IllegalArgumentException e) {
            fields.error(name, e.getMessage());
            return Optional.empty();
        }
    }

    private static Optional<List<String>> sysctls(FieldReader fields) {
        if (!fields.has("allowedUnsafeSysctls")) {
            return Optional.empty();
        }
        List<String> patterns = fields.texts("allowedUnsafeSysctls");
        patterns.forEach(pattern -> fields.note("allowedUnsafeSysctls", SysctlAllowlist.check(pattern)));
        return Optional.of(patterns);
    }

    private static ImageSettings images(FieldReader fields) {
        return new ImageSettings(
                parallelPulls(fields),
                integer(fields, "registryPullQPS", 0),
                integer(fields, "registryBurst", 0),
                percent(fields, "imageGCHighThresholdPercent"),
                percent(fields, "imageGCLowThresholdPercent"),
                duration(fields, "imageMinimumGCAge"),
                duration(fields, "imageMaximumGCAge"),
                PullVerification.parse(fields),
                Optional.empty(),
                Optional.empty());
    }

    private static Optional<Integer> percent(FieldReader fields, String name) {
        return fields.has(name) ? Optional.of((int) fields.integer(name, 0, 0, 100)) : Optional.empty();
    }

    private static Optional<Integer> parallelPulls(FieldReader fields) {
        boolean serial = fields.flag("serializeImagePulls", false);
        Optional<Integer> parallel = integer(fields, "maxParallelImagePulls", 1);
        if (serial && parallel.isPresent() && parallel.get() > 1) {
            fields.error("maxParallelImagePulls", "must be 1 when serializeImagePulls is true");
        }
        return serial ? Optional.of(1) : parallel;
    }
}
