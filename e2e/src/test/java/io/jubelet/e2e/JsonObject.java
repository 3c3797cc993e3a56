/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.e2e;

import io.jubelet.document.JsonText;
import io.jubelet.document.Node;
import java.util.List;

/**
 * An object of an API, asked by paths such as {@code status.conditions[0].type}; a key with dots or slashes in it stands in
 * brackets: {@code metadata.annotations[kubernetes.io/config.hash]}.
 */
record JsonObject(Node.Mapping node) {

    /** The text of a scalar; empty when there is none. */
    String text(String path) {
        return at(path) instanceof Node.Scalar scalar && !scalar.isNull() ? scalar.value() : "";
    }

    /** Whether there is anything. */
    boolean has(String path) {
        return at(path) != null;
    }

    /** The objects of a list; none when there is no list. */
    List<JsonObject> objects(String path) {
        if (!(at(path) instanceof Node.Sequence sequence)) {
            return List.of();
        }
        return sequence.items().stream()
                .filter(Node.Mapping.class::isInstance)
                .map(item -> new JsonObject((Node.Mapping) item))
                .toList();
    }

    /** The object in a field, which must be there. */
    JsonObject object(String path) {
        if (at(path) instanceof Node.Mapping mapping) {
            return new JsonObject(mapping);
        }
        throw new IllegalArgumentException("no object at " + path + " of " + this);
    }

    /** The keys of a mapping; none when there is no mapping. */
    List<String> keys(String path) {
        Node found = path.isEmpty() ? node : at(path);
        return found instanceof Node.Mapping mapping
                ? mapping.entries().stream().map(Node.Entry::key).toList()
                : List.of();
    }

    /** Of a list of objects with a type and a status, such as conditions, the status of a type; empty when there is none. */
    String status(String type) {
        return objects("status.conditions").stream()
                .filter(condition -> condition.text("type").equals(type))
                .map(condition -> condition.text("status"))
                .findFirst()
                .orElse("");
    }

    String name() {
        return text("metadata.name");
    }

    String uid() {
        return text("metadata.uid");
    }

    /** What a path leads to, or null. */
    private Node at(String path) {
        Node at = node;
        int i = 0;
        while (i < path.length() && at != null) {
            boolean inBrackets = path.charAt(i) == '[';
            int end = inBrackets ? path.indexOf(']', i) : endOfKey(path, i);
            String step = path.substring(inBrackets ? i + 1 : i, end);
            at = switch (at) {
                case Node.Mapping mapping -> mapping.get(step);
                case Node.Sequence sequence -> {
                    int index = Integer.parseInt(step);
                    yield index < sequence.items().size() ? sequence.items().get(index) : null;
                }
                case Node.Scalar _ -> null;
            };
            i = inBrackets ? end + 1 : end;
            i += i < path.length() && path.charAt(i) == '.' ? 1 : 0;
        }
        return at;
    }

    private static int endOfKey(String path, int from) {
        for (int i = from; i < path.length(); i++) {
            if (path.charAt(i) == '.' || path.charAt(i) == '[') {
                return i;
            }
        }
        return path.length();
    }

    /** As JSON. */
    @Override
    public String toString() {
        return JsonText.of(node);
    }
}
