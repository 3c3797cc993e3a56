/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.document;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Collects the entries of one mapping and reports repeated keys. Not thread-safe. */
final class MappingBuilder {

    /** The start of the message about a repeated key; the place of the first follows. */
    static final String REPEATED_KEY = "this key is already set at ";

    private static final int MAX_LINEAR_SEARCH = 12;

    private final List<Node.Entry> entries = new ArrayList<>();
    private final List<String> path;
    private final Findings findings;
    private List<Node.Mapping> merged = List.of();
    private @Nullable Map<String, Node.Entry> byKey;

    /**
     * @param path the path to this mapping; the reader changes the list below a value and restores
     * it before it adds the entry
     */
    MappingBuilder(List<String> path, Findings findings) {
        this.path = path;
        this.findings = findings;
    }

    void add(int line, int column, String key, Node value) {
        Node.Entry earlier = find(key);
        if (earlier != null && findings.isFull()) {
            return;
        }
        if (earlier != null) {
            findings.error(
                    line,
                    column,
                    path(key),
                    REPEATED_KEY + earlier.line() + ":" + earlier.column() + "; remove one of the two");
            return;
        }
        put(new Node.Entry(line, column, key, value));
    }

    /** Merges the entries of {@code other} whose keys this mapping does not have itself. */
    void merge(Node.Mapping other) {
        if (merged.isEmpty()) {
            merged = new ArrayList<>();
        }
        merged.add(other);
    }

    Node.Mapping build(int line, int column) {
        for (Node.Mapping other : merged) {
            for (Node.Entry entry : other.entries()) {
                if (find(entry.key()) == null) {
                    put(entry);
                }
            }
        }
        return new Node.Mapping(line, column, List.copyOf(entries));
    }

    private String path(String key) {
        StringBuilder out = new StringBuilder();
        for (String step : path) {
            out.append(step.startsWith("[") || out.isEmpty() ? "" : ".").append(step);
        }
        return out.append(out.isEmpty() ? "" : ".").append(key).toString();
    }

    private void put(Node.Entry entry) {
        entries.add(entry);
        if (byKey != null) {
            byKey.put(entry.key(), entry);
        } else if (entries.size() > MAX_LINEAR_SEARCH) {
            byKey = new HashMap<>();
            for (Node.Entry each : entries) {
                byKey.put(each.key(), each);
            }
        }
    }

    private Node.@Nullable Entry find(String key) {
        if (byKey != null) {
            return byKey.get(key);
        }
        for (Node.Entry entry : entries) {
            if (entry.key().equals(key)) {
                return entry;
            }
        }
        return null;
    }
}
