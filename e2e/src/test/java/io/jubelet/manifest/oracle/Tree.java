/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.manifest.oracle;

import io.jubelet.document.Documents;
import io.jubelet.document.Findings;
import io.jubelet.document.JsonText;
import io.jubelet.document.Node;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A document that can be changed: maps, lists, and scalars as they were read. */
final class Tree {

    private Tree() {}

    /** Reads YAML or JSON. */
    static Object read(String text) {
        Findings findings = new Findings();
        List<Node> nodes = Documents.read(text.getBytes(StandardCharsets.UTF_8), findings);
        if (nodes.size() != 1 || findings.errorCount() > 0) {
            throw new IllegalArgumentException(text + ": " + findings.errors());
        }
        return of(nodes.getFirst());
    }

    /** Reads a value of YAML, also one that is no document, such as null. */
    static Object value(String text) {
        return ((List<?>) read("[" + text + "]")).getFirst();
    }

    private static Object of(Node node) {
        return switch (node) {
            case Node.Mapping mapping -> {
                Map<String, Object> map = new LinkedHashMap<>();
                mapping.entries().forEach(entry -> map.put(entry.key(), of(entry.value())));
                yield map;
            }
            case Node.Sequence sequence ->
                new ArrayList<>(sequence.items().stream().map(Tree::of).toList());
            case Node.Scalar scalar -> scalar;
        };
    }

    /** As compact JSON. */
    static String json(Object tree) {
        return JsonText.of(node(tree));
    }

    private static Node node(Object tree) {
        return switch (tree) {
            case Map<?, ?> map ->
                new Node.Mapping(
                        1,
                        1,
                        map.entrySet().stream()
                                .map(entry -> new Node.Entry(1, 1, (String) entry.getKey(), node(entry.getValue())))
                                .toList());
            case List<?> list ->
                new Node.Sequence(1, 1, list.stream().map(Tree::node).toList());
            default -> (Node.Scalar) tree;
        };
    }

    /** What a path such as {@code spec.containers[0].name} leads to, or null. */
    static Object get(Object tree, String path) {
        Object at = tree;
        for (String step : steps(path)) {
            if (at instanceof Map<?, ?> map) {
                at = map.get(step);
            } else if (at instanceof List<?> list && step.matches("\\d+") && Integer.parseInt(step) < list.size()) {
                at = list.get(Integer.parseInt(step));
            } else {
                return null;
            }
        }
        return at;
    }

    /** The text of a scalar at a path, or null. */
    static String text(Object tree, String path) {
        return get(tree, path) instanceof Node.Scalar scalar && !scalar.isNull() ? scalar.value() : null;
    }

    /** Puts a value at a path, making what is missing on the way; a list is extended by one item at most. */
    @SuppressWarnings("unchecked")
    static void set(Object tree, String path, Object value) {
        List<String> steps = steps(path);
        Object at = tree;
        for (int i = 0; i < steps.size(); i++) {
            boolean last = i == steps.size() - 1;
            String step = steps.get(i);
            Object next = last ? value : steps.get(i + 1).matches("\\d+") ? new ArrayList<>() : new LinkedHashMap<>();
            if (at instanceof List<?>) {
                List<Object> list = (List<Object>) at;
                int index = Integer.parseInt(step);
                if (index >= list.size()) {
                    list.add(next);
                } else if (last) {
                    list.set(index, next);
                }
                at = list.get(Math.min(index, list.size() - 1));
            } else {
                Map<String, Object> map = (Map<String, Object>) at;
                if (last) {
                    map.put(step, next);
                } else {
                    map.putIfAbsent(step, next);
                }
                at = map.get(step);
            }
        }
    }

    /** The paths of all scalars and of all empty lists and maps. */
    static List<String> leaves(Object tree) {
        List<String> leaves = new ArrayList<>();
        collect(tree, "", leaves);
        return leaves;
    }

    private static void collect(Object tree, String path, List<String> leaves) {
        switch (tree) {
            case Map<?, ?> map
            when !map.isEmpty() ->
                map.forEach((key, value) -> collect(value, path.isEmpty() ? (String) key : path + "." + key, leaves));
            case List<?> list
            when !list.isEmpty() -> {
                for (int i = 0; i < list.size(); i++) {
                    collect(list.get(i), path + "[" + i + "]", leaves);
                }
            }
            default -> leaves.add(path);
        }
    }

    private static List<String> steps(String path) {
        List<String> steps = new ArrayList<>();
        for (String part : path.split("[.\\[]")) {
            steps.add(part.endsWith("]") ? part.substring(0, part.length() - 1) : part);
        }
        return steps;
    }
}
