package io.jubelet.desired;

import io.jubelet.document.FieldReader;
import io.jubelet.document.Findings;
import io.jubelet.document.JsonText;
import io.jubelet.document.Node;
import io.jubelet.document.Spelling;
import io.jubelet.pod.ContainerSpec;
import io.jubelet.pod.Pod;
import io.jubelet.pod.PodName;
import io.jubelet.pod.PodSpec;
import io.jubelet.pod.RestartPolicy;
import io.jubelet.pod.Volume;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One document of a manifest: from the tree to a {@link Pod}, with validation as an API server would do it and the v1
 * defaults. All findings are noted, not the first alone. For one thread.
 */
final class PodParser {

    private static final long MAX_GRACE_SECONDS = Integer.MAX_VALUE;
    private static final int MAX_ANNOTATION_BYTES = 256 << 10;
    private static final String MIRROR = "kubernetes.io/config.mirror";
    private static final List<String> OURS =
            List.of("kubernetes.io/config.source", "kubernetes.io/config.seen", "kubernetes.io/config.hash");

    private final String node;
    private final String source;
    private final Findings findings;

    PodParser(String node, String source, Findings findings) {
        this.node = node;
        this.source = source;
        this.findings = findings;
    }

    /** The pod of a document, or null when there are errors, which are noted. */
    Pod parse(Node document) {
        int errorsBefore = findings.errorCount();
        if (!isPod(document)) {
            return null;
        }
        FieldReader pod = FieldReader.open(document, "", PodFields.POD, findings);
        PodName name = null;
        Map<String, String> labels = Map.of();
        Map<String, String> annotations = Map.of();
        if (pod.has("metadata")) {
            FieldReader metadata = pod.mapping("metadata", PodFields.METADATA);
            if (metadata != null) {
                name = name(metadata);
                labels = labels(metadata);
                annotations = annotations(metadata);
            }
        } else {
            pod.error("metadata", "is required; write \"metadata:\" and below it \"name: my-app\"");
        }
        PodSpec spec = null;
        if (pod.has("spec")) {
            FieldReader reader = pod.mapping("spec", PodFields.SPEC);
            spec = reader == null ? null : spec(reader);
        } else {
            pod.error("spec", "is required; write \"spec:\" and below it the containers");
        }
        if (findings.errorCount() > errorsBefore || name == null || spec == null) {
            return null;
        }
        String hash = PodIdentity.hash(pod.node());
        return new Pod(
                name,
                node,
                PodIdentity.uid(node, name, hash),
                hash,
                labels,
                annotations,
                spec,
                JsonText.of(pod.node()),
                source);
    }

    private boolean isPod(Node document) {
        if (!(document instanceof Node.Mapping mapping)) {
            findings.error(
                    document,
                    "",
                    "is not a Pod but " + document.describe() + "; a manifest begins with \"apiVersion: v1\"");
            return false;
        }
        String kind = text(mapping, "kind");
        String version = text(mapping, "apiVersion");
        if (kind == null) {
            missing(mapping, "kind", "Pod");
            if (version == null) {
                missing(mapping, "apiVersion", "v1");
            }
            return false;
        }
        if (!kind.equals("Pod")) {
            String close = kind.equalsIgnoreCase("pod") || kind.equals("Pods")
                    ? "write \"kind: Pod\""
                    : OtherKinds.explain(kind);
            findings.error(mapping.get("kind"), "kind", close);
            return false;
        }
        if (version == null) {
            missing(mapping, "apiVersion", "v1");
        } else if (!version.equals("v1")) {
            findings.error(
                    mapping.get("apiVersion"),
                    "apiVersion",
                    "a Pod has apiVersion v1, and this is \"" + version + "\"");
        }
        return true;
    }

    private void missing(Node.Mapping mapping, String field, String value) {
        if (mapping.get(field) != null && !mapping.get(field).isNull()) {
            findings.error(
                    mapping.get(field),
                    field,
                    "must be " + value + ", and this is " + mapping.get(field).describe());
            return;
        }
        List<String> keys = new ArrayList<>();
        mapping.entries().forEach(entry -> keys.add(entry.key()));
        String close = Spelling.closest(field, keys);
        findings.error(
                mapping,
                field,
                "is required; write \"" + field + ": " + value + "\""
                        + (close == null || close.equals(field) ? "" : " in place of \"" + close + "\""));
    }

    private static String text(Node.Mapping mapping, String field) {
        return mapping.get(field) instanceof Node.Scalar scalar
                        && scalar.type() == Node.Type.TEXT
                        && !scalar.value().isEmpty()
                ? scalar.value()
                : null;
    }

    private PodName name(FieldReader metadata) {
        String namespace = metadata.text("namespace", "");
        if (namespace.isEmpty()) {
            namespace = "default";
        } else {
            note(metadata, "namespace", Names.checkLabel(namespace));
        }
        String name = metadata.requiredText("name", "my-app");
        if (name == null) {
            return null;
        }
        PodName podName = new PodName(namespace, name);
        String wrong = Names.checkSubdomain(name);
        if (wrong == null && podName.onNode(node).length() > 253) {
            wrong = "with the name of this node behind it, it is "
                    + podName.onNode(node).length() + " characters long, and 253 are allowed; shorten it";
        }
        note(metadata, "name", wrong);
        return podName;
    }

    private Map<String, String> labels(FieldReader metadata) {
        Map<String, String> labels = metadata.textMap("labels");
        for (Node.Entry entry : metadata.entries("labels")) {
            String path = metadata.path("labels") + "." + entry.key();
            String wrong = Names.checkKey(entry.key());
            if (wrong != null) {
                findings.error(entry.line(), entry.column(), path, wrong);
            }
            String value = labels.get(entry.key());
            wrong = value == null ? null : Names.checkLabelValue(value);
            if (wrong != null) {
                findings.error(entry.value(), path, wrong);
            }
        }
        return labels;
    }

    private Map<String, String> annotations(FieldReader metadata) {
        Map<String, String> annotations = new LinkedHashMap<>(metadata.textMap("annotations"));
        int size = 0;
        for (Node.Entry entry : metadata.entries("annotations")) {
            String path = metadata.path("annotations") + "." + entry.key();
            String wrong = Names.checkKey(entry.key().toLowerCase(java.util.Locale.ROOT));
            if (wrong != null) {
                findings.error(entry.line(), entry.column(), path, wrong);
            }
            if (entry.key().equals(MIRROR)) {
                findings.error(
                        entry.line(),
                        entry.column(),
                        path,
                        "marks a copy that an API server shows of a static pod; leave it out");
            } else if (OURS.contains(entry.key())) {
                findings.warn(entry.line(), entry.column(), path, "is ignored; Jubelet sets its own");
                annotations.remove(entry.key());
            }
            size += entry.key().length()
                    + (entry.value() instanceof Node.Scalar scalar
                            ? scalar.value().length()
                            : 0);
        }
        if (size > MAX_ANNOTATION_BYTES) {
            metadata.error("annotations", "are " + size + " bytes together, and 262144 are allowed");
        }
        return annotations;
    }

    private PodSpec spec(FieldReader spec) {
        RestartPolicy restartPolicy = spec.choice("restartPolicy", RestartPolicy.values(), RestartPolicy.Always);
        long grace = spec.integer("terminationGracePeriodSeconds", 30, 0, MAX_GRACE_SECONDS);
        boolean hostNetwork = spec.flag("hostNetwork", false);
        String nodeName = spec.text("nodeName", "");
        if (!nodeName.isEmpty() && !nodeName.equals(node)) {
            spec.warn("nodeName", "is ignored; this pod runs on \"" + node + "\", where its manifest is");
        }
        VolumeParser volumeParser = new VolumeParser();
        List<Volume> volumes = volumeParser.parse(spec);
        ContainerParser containerParser = new ContainerParser(hostNetwork, volumeParser.names());
        List<ContainerSpec> initContainers = containers(spec, "initContainers", containerParser);
        List<ContainerSpec> containers = containers(spec, "containers", containerParser);
        Optional<Duration> activeDeadline = spec.has("activeDeadlineSeconds")
                ? Optional.of(Duration.ofSeconds(spec.integer("activeDeadlineSeconds", 1, 1, MAX_GRACE_SECONDS)))
                : Optional.empty();
        boolean shareProcessNamespace = spec.flag("shareProcessNamespace", false);
        if (spec.items("containers").isEmpty()
                && !(spec.has("containers") && !spec.get("containers").isEmpty())) {
            spec.error("containers", "a pod needs at least one container, with a name and an image");
        }
        return containers.isEmpty()
                ? null
                : PodSpec.builder(containers)
                        .restartPolicy(restartPolicy)
                        .initContainers(initContainers)
                        .terminationGracePeriod(Duration.ofSeconds(grace))
                        .activeDeadline(activeDeadline)
                        .shareProcessNamespace(shareProcessNamespace)
                        .hostNetwork(hostNetwork)
                        .volumes(volumes)
                        .build();
    }

    private static List<ContainerSpec> containers(FieldReader spec, String field, ContainerParser parser) {
        List<ContainerSpec> containers = new ArrayList<>();
        for (FieldReader container : spec.mappings(field, PodFields.CONTAINER)) {
            ContainerSpec parsed = parser.parse(container);
            if (parsed != null) {
                containers.add(parsed);
            }
        }
        return containers;
    }

    private static void note(FieldReader reader, String field, String wrong) {
        if (wrong != null) {
            reader.error(field, wrong);
        }
    }
}
