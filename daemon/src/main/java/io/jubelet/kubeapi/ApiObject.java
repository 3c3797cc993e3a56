/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.kubeapi;

import io.jubelet.document.JsonStream;
import io.jubelet.document.Node;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * An object that the API server sent. A field that is absent, null or of another type reads as
 * empty, because the API server keeps to its own types. Immutable.
 *
 * @param tree its fields
 */
public record ApiObject(Node.Mapping tree) {

    public ApiObject {
        Objects.requireNonNull(tree, "tree");
    }

    /** Without fields. */
    static final ApiObject EMPTY = new ApiObject(new Node.Mapping(0, 0, List.of()));

    /** Returns the text or number at a path; empty when it is absent. */
    public String text(String... path) {
        return at(path) instanceof Node.Scalar scalar && !scalar.isNull() ? scalar.value() : "";
    }

    /** Returns whether the field at a path exists. */
    public boolean has(String... path) {
        return at(path) != null;
    }

    /** Returns the object at a path. */
    public Optional<ApiObject> object(String... path) {
        return at(path) instanceof Node.Mapping mapping ? Optional.of(new ApiObject(mapping)) : Optional.empty();
    }

    /** Returns the objects of the list at a path. */
    public List<ApiObject> objects(String... path) {
        List<ApiObject> objects = new ArrayList<>();
        if (at(path) instanceof Node.Sequence sequence) {
            for (Node item : sequence.items()) {
                if (item instanceof Node.Mapping mapping) {
                    objects.add(new ApiObject(mapping));
                }
            }
        }
        return objects;
    }

    /** Returns the texts of the mapping at a path, such as labels. */
    public Map<String, String> texts(String... path) {
        Map<String, String> texts = new LinkedHashMap<>();
        if (at(path) instanceof Node.Mapping mapping) {
            for (Node.Entry entry : mapping.entries()) {
                if (entry.value() instanceof Node.Scalar scalar) {
                    texts.put(entry.key(), scalar.value());
                }
            }
        }
        return texts;
    }

    /** Returns the texts of the list at a path, such as groups. */
    public List<String> items(String... path) {
        List<String> items = new ArrayList<>();
        if (at(path) instanceof Node.Sequence sequence) {
            for (Node item : sequence.items()) {
                if (item instanceof Node.Scalar scalar) {
                    items.add(scalar.value());
                }
            }
        }
        return items;
    }

    /** Returns the names of the fields of the mapping at a path. */
    public List<String> names(String... path) {
        return at(path) instanceof Node.Mapping mapping
                ? mapping.entries().stream().map(Node.Entry::key).toList()
                : List.of();
    }

    /**
     * Returns the digest of a field, for comparisons; empty when it is absent, or when it was not
     * {@linkplain io.jubelet.document.FieldSelection#withDigest selected}.
     */
    public String digest(String... path) {
        Node node = at(path);
        return node == null ? "" : JsonStream.digest(node).orElse("");
    }

    private @Nullable Node at(String... path) {
        @Nullable Node node = tree;
        for (String name : path) {
            node = node instanceof Node.Mapping mapping ? mapping.get(name) : null;
        }
        return node;
    }
}
