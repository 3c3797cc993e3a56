/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.config;

import io.jubelet.document.Node;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Fields of mappings in mappings, named by a path with dots between names. Stateless. */
final class FieldPath {

    /** A mapping without fields. */
    static final Node.Mapping EMPTY = new Node.Mapping(0, 0, List.of());

    private FieldPath() {}

    /** The value at a path; null when there is none. */
    static @Nullable Node get(Node.Mapping mapping, String path) {
        int dot = path.indexOf('.');
        Node value = mapping.get(dot < 0 ? path : path.substring(0, dot));
        if (dot < 0) {
            return value;
        }
        return value instanceof Node.Mapping inner ? get(inner, path.substring(dot + 1)) : null;
    }

    /** A mapping with another value at a path. What is no mapping on the way stays as it is. */
    static Node.Mapping with(Node.Mapping mapping, String path, Node value) {
        int dot = path.indexOf('.');
        String key = dot < 0 ? path : path.substring(0, dot);
        Node there = mapping.get(key);
        Node here;
        if (dot < 0) {
            here = value;
        } else if (there == null || there.isNull()) {
            here = with(EMPTY, path.substring(dot + 1), value);
        } else {
            here = there instanceof Node.Mapping inner ? with(inner, path.substring(dot + 1), value) : there;
        }
        List<Node.Entry> entries = new ArrayList<>(mapping.entries().size() + 1);
        for (Node.Entry entry : mapping.entries()) {
            if (!entry.key().equals(key)) {
                entries.add(entry);
            }
        }
        entries.add(new Node.Entry(0, 0, key, here));
        return new Node.Mapping(mapping.line(), mapping.column(), entries);
    }
}
