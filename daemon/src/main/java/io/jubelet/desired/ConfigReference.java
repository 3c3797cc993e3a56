/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.desired;

import io.jubelet.document.Documents;
import io.jubelet.document.Findings;
import io.jubelet.document.Node;
import io.jubelet.manifest.ObjectKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A place where a pod refers to a ConfigMap or Secret without which it does not start. Pure.
 *
 * @param object the ConfigMap or Secret
 * @param key the key that it must have; empty for no certain key
 * @param line of the reference, counted from 1
 * @param column of the reference, counted from 1
 * @param field path of the reference
 */
record ConfigReference(ObjectKey object, Optional<String> key, int line, int column, String field) {

    ConfigReference {
        Objects.requireNonNull(object, "object");
        Objects.requireNonNull(key, "key");
        Objects.requireNonNull(field, "field");
    }

    /** The references of all pods of a file, except for those with {@code optional: true}. Parses the file. */
    static List<ConfigReference> of(byte[] content) {
        List<ConfigReference> found = new ArrayList<>();
        for (Node root : Documents.read(content, new Findings())) {
            if (text(root, "kind").equals("Pod") && field(root, "spec") instanceof Node spec) {
                String namespace = text(field(root, "metadata"), "namespace");
                new Collector(namespace.isEmpty() ? "default" : namespace, found).collect(spec, "spec");
            }
        }
        return List.copyOf(found);
    }

    private static @Nullable Node field(@Nullable Node node, String name) {
        return node instanceof Node.Mapping mapping ? mapping.get(name) : null;
    }

    private static String text(@Nullable Node node, String name) {
        return field(node, name) instanceof Node.Scalar scalar ? scalar.value() : "";
    }

    /** Collects the references of one pod. */
    private record Collector(String namespace, List<ConfigReference> found) {

        void collect(Node node, String path) {
            switch (node) {
                case Node.Mapping mapping -> {
                    for (Node.Entry entry : mapping.entries()) {
                        String below = path + "." + entry.key();
                        switch (entry.key()) {
                            case "configMap", "configMapRef" -> add("ConfigMap", "name", entry.value(), below);
                            case "configMapKeyRef" -> addKey("ConfigMap", entry.value(), below);
                            case "secretRef" -> add("Secret", "name", entry.value(), below);
                            case "secretKeyRef" -> addKey("Secret", entry.value(), below);
                            // A volume names a Secret by secretName, and a projected source by name.
                            case "secret" ->
                                add(
                                        "Secret",
                                        field(entry.value(), "secretName") == null ? "name" : "secretName",
                                        entry.value(),
                                        below);
                            default -> collect(entry.value(), below);
                        }
                    }
                }
                case Node.Sequence sequence -> {
                    for (int i = 0; i < sequence.items().size(); i++) {
                        collect(sequence.items().get(i), path + "[" + i + "]");
                    }
                }
                case Node.Scalar _ -> {}
            }
        }

        private void add(String kind, String nameField, Node reference, String path) {
            if (field(reference, nameField) instanceof Node.Scalar name && isRequired(reference, name)) {
                ObjectKey object = new ObjectKey(kind, namespace, name.value());
                found.add(new ConfigReference(
                        object, Optional.empty(), name.line(), name.column(), path + "." + nameField));
                if (field(reference, "items") instanceof Node.Sequence items) {
                    for (int i = 0; i < items.items().size(); i++) {
                        addKey(object, field(items.items().get(i), "key"), path + ".items[" + i + "].key");
                    }
                }
            }
        }

        private void addKey(String kind, Node reference, String path) {
            if (field(reference, "name") instanceof Node.Scalar name && isRequired(reference, name)) {
                ObjectKey object = new ObjectKey(kind, namespace, name.value());
                found.add(new ConfigReference(object, Optional.empty(), name.line(), name.column(), path + ".name"));
                addKey(object, field(reference, "key"), path + ".key");
            }
        }

        private void addKey(ObjectKey object, @Nullable Node key, String path) {
            if (key instanceof Node.Scalar scalar) {
                found.add(
                        new ConfigReference(object, Optional.of(scalar.value()), scalar.line(), scalar.column(), path));
            }
        }

        private static boolean isRequired(Node reference, Node.Scalar name) {
            return !name.value().isEmpty() && !text(reference, "optional").equals("true");
        }
    }
}
