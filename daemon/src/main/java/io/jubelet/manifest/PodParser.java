/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.manifest;

import io.jubelet.document.FieldReader;
import io.jubelet.document.Findings;
import io.jubelet.document.JsonText;
import io.jubelet.document.Node;
import io.jubelet.document.Spelling;
import io.jubelet.pod.NodeNames;
import io.jubelet.pod.Pod;
import io.jubelet.pod.PodName;
import io.jubelet.pod.PodSpec;
import io.jubelet.schema.PodFieldTree;
import io.jubelet.schema.PodFields;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Parses one document of a manifest to a {@link Pod}, validates it as an API server does, and
 * applies the v1 defaults. All errors become findings, not only the first. Not thread-safe.
 */
final class PodParser {

    private final NodeNames nodes;
    private final String source;
    private final boolean localConfig;
    private final Findings findings;

    /** @param localConfig whether pods are allowed to refer to ConfigMaps and Secrets */
    PodParser(NodeNames nodes, String source, boolean localConfig, Findings findings) {
        this.nodes = nodes;
        this.source = source;
        this.localConfig = localConfig;
        this.findings = findings;
    }

    /** The pod of a document; null, with findings, when there are errors. */
    @Nullable
    Pod parse(Node document) {
        String node = nodes.current();
        int errorsBefore = findings.errorCount();
        if (!(document instanceof Node.Mapping mapping)) {
            findings.error(
                    document,
                    "",
                    "must be a mapping that begins with \"apiVersion: v1\", but is " + document.describe());
            return null;
        }
        if (!isPod(mapping)) {
            return null;
        }
        // A lambda expression because a method reference would load the class.
        FieldReader pod = FieldReader.open(mapping, PodFields.POD, () -> PodFieldTree.create(), findings);
        PodName name = null;
        Map<String, String> labels = Map.of();
        Map<String, String> annotations = Map.of();
        FieldReader metadata = null;
        if (pod.has("metadata")) {
            metadata = pod.mapping("metadata", PodFields.METADATA);
            if (metadata != null) {
                name = MetadataParser.name(metadata, node);
                labels = MetadataParser.labels(metadata);
                annotations = MetadataParser.annotations(metadata);
            }
        } else {
            pod.error("metadata", "is required; write \"metadata:\" and below it \"name: my-app\"");
        }
        PodSpec spec = null;
        if (pod.has("spec")) {
            FieldReader reader = pod.mapping("spec", PodFields.SPEC);
            spec = reader == null ? null : SpecParser.parse(reader, node);
        } else {
            pod.error("spec", "is required; write \"spec:\" and below it the containers");
        }
        if (spec != null && metadata != null && !annotations.isEmpty()) {
            spec = PodAnnotations.apply(metadata, spec);
        }
        if (!localConfig) {
            DisabledLocalConfig.check(pod.node(), findings);
        }
        if (findings.errorCount() > errorsBefore || name == null || spec == null) {
            return null;
        }
        String hash = PodIdentity.hash(pod.node());
        PodName ofPod = name;
        String originalNode = nodes.ofVersion(each -> PodIdentity.uid(each, ofPod, hash));
        return new Pod(
                name,
                node,
                PodIdentity.uid(originalNode, name, hash),
                hash,
                labels,
                annotations,
                spec,
                new Pod.Manifest(JsonText.of(pod.node()), source),
                originalNode);
    }

    private boolean isPod(Node.Mapping mapping) {
        String kind = text(mapping, "kind");
        String version = text(mapping, "apiVersion");
        if (kind == null && version == null && isContainerManifest(mapping)) {
            findings.error(
                    mapping,
                    "",
                    "is a container manifest of before Kubernetes 1.0, which no kubelet reads any more; write a v1 Pod:"
                            + " \"apiVersion: v1\", \"kind: Pod\", the id as metadata.name, and the rest below spec");
            return false;
        }
        if (kind == null) {
            missing(mapping, "kind", "Pod");
            if (version == null) {
                missing(mapping, "apiVersion", "v1");
            }
            return false;
        }
        if (!kind.equals("Pod")) {
            findings.error(
                    Objects.requireNonNull(mapping.get("kind")),
                    "kind",
                    localConfig ? UnsupportedKinds.explain(kind) : DisabledLocalConfig.explain(kind));
            return false;
        }
        if (version == null) {
            missing(mapping, "apiVersion", "v1");
        } else if (!version.equals("v1")) {
            findings.error(
                    Objects.requireNonNull(mapping.get("apiVersion")),
                    "apiVersion",
                    "must be v1 for a Pod, but is \"" + version + "\"");
        }
        return true;
    }

    /** Whether a document has the form of the API versions v1beta1 and v1beta2. */
    private static boolean isContainerManifest(Node.Mapping mapping) {
        String version = text(mapping, "version");
        return version != null && version.startsWith("v1beta") && mapping.get("containers") != null;
    }

    private void missing(Node.Mapping mapping, String field, String value) {
        Node written = mapping.get(field);
        if (written != null && !written.isNull()) {
            findings.error(written, field, "must be " + value + ", but is " + written.describe());
            return;
        }
        List<String> keys = new ArrayList<>();
        mapping.entries().forEach(entry -> keys.add(entry.key()));
        String close = Spelling.closest(field, keys);
        findings.error(
                mapping,
                field,
                "is required; write \"" + field + ": " + value + "\""
                        + (close == null || close.equals(field) ? "" : " instead of \"" + close + "\""));
    }

    private static @Nullable String text(Node.Mapping mapping, String field) {
        return mapping.get(field) instanceof Node.Scalar scalar
                        && scalar.type() == Node.Type.STRING
                        && !scalar.value().isEmpty()
                ? scalar.value()
                : null;
    }
}
