/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.manifest;

import io.jubelet.document.Documents;
import io.jubelet.document.Finding;
import io.jubelet.document.Findings;
import io.jubelet.document.JsonText;
import io.jubelet.document.Node;
import io.jubelet.pod.ConfigObject;
import io.jubelet.pod.NodeNames;
import io.jubelet.pod.Pod;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The content of one manifest file: its pods, ConfigMaps and Secrets, or its errors.
 *
 * @param documents the objects of the documents without errors, with their places; empty when the file cannot be divided
 *     into documents
 * @param errors ordered by place
 * @param warnings ordered by place
 * @param rejected the documents with errors; empty if and only if there are no errors
 */
public record ManifestFile(
        List<Document> documents, List<Finding> errors, List<Finding> warnings, List<Rejected> rejected) {

    /** The message about a file that has more than {@link Documents#MAX_SIZE} bytes. */
    public static final String TOO_LARGE = "is larger than 3 MiB; divide it into several files";

    private static final String CONFIG_MAP = "ConfigMap";
    private static final String SECRET = "Secret";

    /**
     * The object of one document, and the place of its name.
     *
     * @param line of metadata.name
     * @param column of metadata.name
     */
    public record Document(Content content, int line, int column) {

        public ObjectKey key() {
            return content.key();
        }

        /** The whole document as compact JSON, including the values of a Secret. */
        public String json() {
            return content.json();
        }

        /** The ConfigMaps and Secrets that a pod refers to; empty for other objects. Parses the document. */
        public Set<ObjectKey> references() {
            Node root = Documents.readJson(json(), new Findings());
            return root == null ? Set.of() : References.of(root);
        }
    }

    /**
     * A document with errors.
     *
     * @param key of its object; empty if the document does not show it
     * @param references the ConfigMaps and Secrets that it refers to if it is a pod
     */
    public record Rejected(Optional<ObjectKey> key, Set<ObjectKey> references) {

        /** A file or a document that shows nothing. */
        static final Rejected UNKNOWN = new Rejected(Optional.empty(), Set.of());

        public Rejected {
            references = Set.copyOf(references);
        }
    }

    /** The object of a document. */
    public sealed interface Content {

        ObjectKey key();

        /** The whole document as compact JSON. */
        String json();
    }

    /** A pod. */
    public record OfPod(Pod pod) implements Content {

        @Override
        public ObjectKey key() {
            return ObjectKey.of(pod);
        }

        @Override
        public String json() {
            return pod.document();
        }
    }

    /** A ConfigMap or Secret. */
    public record OfConfig(ConfigObject object, String json) implements Content {

        @Override
        public ObjectKey key() {
            return ObjectKey.of(object);
        }

        /** The title without the content, which might be confidential. */
        @Override
        public String toString() {
            return object.title();
        }
    }

    /**
     * The origin of a manifest, and what it is allowed to contain.
     *
     * @param path absolute
     * @param nodes the names of this node
     * @param localConfig whether ConfigMaps and Secrets are allowed, and references of pods to them
     * @param access of the file; empty for content that was accepted before
     */
    public record Source(String path, NodeNames nodes, boolean localConfig, Optional<FileAccess> access) {
        public Source {
            Objects.requireNonNull(path, "path");
            Objects.requireNonNull(nodes, "nodes");
            Objects.requireNonNull(access, "access");
        }
    }

    public ManifestFile {
        documents = List.copyOf(documents);
        errors = List.copyOf(errors);
        warnings = List.copyOf(warnings);
        rejected = List.copyOf(rejected);
    }

    /** Whether the file has no errors. */
    public boolean accepted() {
        return errors.isEmpty();
    }

    /** The pods, in the order of the file. */
    public List<Pod> pods() {
        List<Pod> pods = new ArrayList<>(documents.size());
        for (Document document : documents) {
            if (document.content() instanceof OfPod pod) {
                pods.add(pod.pod());
            }
        }
        return pods;
    }

    /** Parses the content of a manifest that is allowed to contain all kinds. */
    public static ManifestFile parse(byte[] content, String path, String node) {
        return parse(content, new Source(path, NodeNames.of(node), true, Optional.empty()));
    }

    /** Parses the content of a manifest. */
    public static ManifestFile parse(byte[] content, Source source) {
        if (content.length > Documents.MAX_SIZE) {
            return refused(TOO_LARGE);
        }
        if (content.length == 0) {
            return refused("is empty");
        }
        Findings findings = new Findings();
        List<Node> nodes = Documents.read(content, findings);
        List<Finding> syntax = findings.errorCount() > 0 ? findings.errors() : List.of();
        if (!syntax.isEmpty()) {
            findings = Concealed.of(findings, content);
        }
        Map<ObjectKey, Document> documents = new LinkedHashMap<>();
        List<Rejected> rejected = new ArrayList<>();
        for (int i = 0; i < nodes.size(); i++) {
            Node root = nodes.get(i);
            Findings own = new Findings();
            Content parsed = parse(root, source, own);
            if (parsed != null) {
                Node name = name(root);
                Document document = new Document(parsed, name.line(), name.column());
                Document other = documents.putIfAbsent(document.key(), document);
                if (other != null) {
                    own.error(name, "metadata.name", isRepeated(document, other));
                }
            }
            int end = i + 1 < nodes.size() ? nodes.get(i + 1).line() : Integer.MAX_VALUE;
            if (own.errorCount() > 0 || hasError(syntax, i == 0 ? 0 : root.line(), end)) {
                rejected.add(References.rejected(root));
            }
            findings.addAll(own);
        }
        if (nodes.isEmpty() && findings.errorCount() == 0) {
            return refused("contains no document, only comments or blank lines");
        }
        if (!syntax.isEmpty() && !syntax.stream().allMatch(Finding::isRepeatedKey)) {
            // What follows the error was not read.
            documents.clear();
            rejected = List.of(Rejected.UNKNOWN);
        }
        for (Rejected each : rejected) {
            each.key().ifPresent(documents::remove);
        }
        Optional<String> exposed = source.access().isEmpty()
                ? Optional.empty()
                : source.access().get().exposed(source.path());
        if (exposed.isPresent()) {
            findings.warn(Finding.ofFile(exposed.get()));
        }
        return new ManifestFile(List.copyOf(documents.values()), findings.errors(), findings.warnings(), rejected);
    }

    private static boolean hasError(List<Finding> errors, int fromLine, int endLine) {
        for (Finding error : errors) {
            if (error.line() >= fromLine && error.line() < endLine) {
                return true;
            }
        }
        return false;
    }

    /** The node of metadata.name, which every object has that was parsed without an error. */
    private static Node name(Node root) {
        if (root instanceof Node.Mapping object
                && object.get("metadata") instanceof Node.Mapping metadata
                && metadata.get("name") instanceof Node name) {
            return name;
        }
        throw new IllegalStateException("the object has no name");
    }

    /** Null, with findings, when there are errors. */
    private static @Nullable Content parse(Node root, Source source, Findings findings) {
        String kind = source.localConfig() ? configKind(root) : "";
        if (kind.isEmpty()) {
            Pod pod = new PodParser(source.nodes(), source.path(), source.localConfig(), findings).parse(root);
            return pod == null ? null : new OfPod(pod);
        }
        Node.Mapping mapping = (Node.Mapping) root;
        if (kind.equals(SECRET)) {
            source.access()
                    .flatMap(access -> access.unfitForSecrets(source.path()))
                    .ifPresent(why -> findings.error(Objects.requireNonNull(mapping.get("kind")), "kind", why));
        }
        ConfigObject object = new LocalConfigParser(findings).parse(mapping, kind);
        return object == null ? null : new OfConfig(object, JsonText.of(mapping));
    }

    /** {@code ConfigMap} or {@code Secret}; empty for another kind. */
    private static String configKind(Node root) {
        return root instanceof Node.Mapping mapping
                        && mapping.get("kind") instanceof Node.Scalar kind
                        && (kind.value().equals(CONFIG_MAP) || kind.value().equals(SECRET))
                ? kind.value()
                : "";
    }

    /** Parses a pod again from {@link Pod#document()}; empty when this version does not accept it. */
    public static Optional<Pod> restore(String document, String path, NodeNames nodes, boolean localConfig) {
        return restore(document, new Source(path, nodes, localConfig, Optional.empty()))
                .flatMap(content -> content instanceof OfPod pod ? Optional.of(pod.pod()) : Optional.empty());
    }

    /** Parses an object again from {@link Document#json()}; empty when this version does not accept it. */
    public static Optional<Content> restore(String document, Source source) {
        Findings findings = new Findings();
        Node root = Documents.readJson(document, findings);
        return root == null ? Optional.empty() : Optional.ofNullable(parse(root, source, findings));
    }

    private static String isRepeated(Document document, Document other) {
        return document.key().inWords() + " is already in this file, at line " + other.line()
                + "; rename or remove one of the two";
    }

    /** A file that declares nothing usable, with the reason. */
    public static ManifestFile refused(String message) {
        return new ManifestFile(List.of(), List.of(Finding.ofFile(message)), List.of(), List.of(Rejected.UNKNOWN));
    }

    /**
     * What documents with errors show of themselves. A class of its own so that it is loaded only for files with errors.
     */
    private static final class References {

        private static final Set<String> CONFIG_MAPS = Set.of("configMap", "configMapRef", "configMapKeyRef");
        private static final Set<String> SECRETS = Set.of("secret", "secretRef", "secretKeyRef", "imagePullSecrets");

        static Rejected rejected(Node root) {
            String kind = text(root, "kind");
            String name = text(field(root, "metadata"), "name");
            boolean known = kind.equals("Pod") || kind.equals(CONFIG_MAP) || kind.equals(SECRET);
            return new Rejected(
                    known && !name.isEmpty()
                            ? Optional.of(new ObjectKey(kind, namespace(root), name))
                            : Optional.empty(),
                    of(root));
        }

        static Set<ObjectKey> of(Node root) {
            Set<ObjectKey> keys = new HashSet<>();
            if (text(root, "kind").equals("Pod")) {
                collect(field(root, "spec"), namespace(root), keys);
            }
            return keys;
        }

        private static void collect(@Nullable Node node, String namespace, Set<ObjectKey> keys) {
            if (node instanceof Node.Mapping mapping) {
                for (Node.Entry entry : mapping.entries()) {
                    if (CONFIG_MAPS.contains(entry.key())) {
                        add(entry.value(), CONFIG_MAP, namespace, keys);
                    } else if (SECRETS.contains(entry.key())) {
                        add(entry.value(), SECRET, namespace, keys);
                    }
                    collect(entry.value(), namespace, keys);
                }
            } else if (node instanceof Node.Sequence sequence) {
                sequence.items().forEach(item -> collect(item, namespace, keys));
            }
        }

        private static void add(Node reference, String kind, String namespace, Set<ObjectKey> keys) {
            if (reference instanceof Node.Sequence sequence) {
                sequence.items().forEach(item -> add(item, kind, namespace, keys));
                return;
            }
            for (String field : List.of("name", "secretName")) {
                String name = text(reference, field);
                if (!name.isEmpty()) {
                    keys.add(new ObjectKey(kind, namespace, name));
                }
            }
        }

        private static String namespace(Node root) {
            String namespace = text(field(root, "metadata"), "namespace");
            return namespace.isEmpty() ? "default" : namespace;
        }

        private static @Nullable Node field(@Nullable Node node, String name) {
            return node instanceof Node.Mapping mapping ? mapping.get(name) : null;
        }

        private static String text(@Nullable Node node, String name) {
            return field(node, name) instanceof Node.Scalar scalar ? scalar.value() : "";
        }
    }

    /**
     * Removes the details of syntax errors if the file might contain a Secret, because the messages
     * of parsers quote characters of the text. What follows the error was not parsed, so the whole
     * text is searched. A class of its own so that it is loaded only for files with errors.
     */
    private static final class Concealed {

        /** The word in any way that YAML and JSON can write it, and a field that only a Secret has. */
        private static final Pattern SECRET = Pattern.compile(
                "(?<![A-Za-z])(?:" + escapable("Secret") + "|" + escapable("stringData") + ")(?![A-Za-z])");

        /** Each character as it is or as an escape, and a folded line between two of them. */
        private static String escapable(String word) {
            StringBuilder pattern = new StringBuilder();
            for (char c : word.toCharArray()) {
                String hex = "(?i:" + Integer.toHexString(c) + ")";
                pattern.append(pattern.isEmpty() ? "" : "(?:\\\\\r?\n[ \t]*)?")
                        .append("(?:")
                        .append(c)
                        .append("|\\\\x")
                        .append(hex)
                        .append("|\\\\u00")
                        .append(hex)
                        .append("|\\\\U000000")
                        .append(hex)
                        .append(')');
            }
            return pattern.toString();
        }

        static Findings of(Findings findings, byte[] content) {
            // ISO 8859-1 decodes every byte, so that text that is not UTF-8 is searched too.
            if (!SECRET.matcher(new String(content, StandardCharsets.ISO_8859_1))
                    .find()) {
                return findings;
            }
            Findings concealed = new Findings();
            for (Finding error : findings.errors()) {
                if (error.isRepeatedKey()) {
                    concealed.error(error);
                } else {
                    concealed.error(
                            error.line(),
                            error.column(),
                            "is not YAML or JSON here; details are not shown because the file might contain a Secret");
                }
            }
            return concealed;
        }
    }
}
