/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.validation;

import io.jubelet.document.Node;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Documents with one thing removed or moved, against which the text of a mend is checked. Pure. */
final class NodeEdit {

    private NodeEdit() {}

    /** Without an entry, which is found by its place. */
    static Node without(Node node, Node.Entry gone) {
        return switch (node) {
            case Node.Mapping mapping -> {
                List<Node.Entry> entries = new ArrayList<>();
                for (Node.Entry entry : mapping.entries()) {
                    if (entry != gone) {
                        entries.add(with(entry, without(entry.value(), gone)));
                    }
                }
                yield new Node.Mapping(mapping.line(), mapping.column(), entries);
            }
            case Node.Sequence list ->
                new Node.Sequence(
                        list.line(),
                        list.column(),
                        list.items().stream().map(item -> without(item, gone)).toList());
            case Node.Scalar scalar -> scalar;
        };
    }

    /** Without an item of a list. */
    static Node without(Node node, Node gone) {
        return switch (node) {
            case Node.Mapping mapping -> {
                List<Node.Entry> entries = new ArrayList<>();
                mapping.entries().forEach(entry -> entries.add(with(entry, without(entry.value(), gone))));
                yield new Node.Mapping(mapping.line(), mapping.column(), entries);
            }
            case Node.Sequence list ->
                new Node.Sequence(
                        list.line(),
                        list.column(),
                        list.items().stream()
                                .filter(item -> item != gone)
                                .map(item -> without(item, gone))
                                .toList());
            case Node.Scalar scalar -> scalar;
        };
    }

    /** With one more entry in the mapping that begins where {@code target} does. */
    static Node with(Node node, Node.Mapping target, Node.Entry added) {
        return switch (node) {
            case Node.Mapping mapping -> {
                List<Node.Entry> entries = new ArrayList<>();
                mapping.entries().forEach(entry -> entries.add(with(entry, with(entry.value(), target, added))));
                if (mapping.line() == target.line()
                        && mapping.column() == target.column()
                        && !mapping.entries().isEmpty()
                        && mapping.entries()
                                .getFirst()
                                .key()
                                .equals(target.entries().getFirst().key())) {
                    entries.add(added);
                }
                yield new Node.Mapping(mapping.line(), mapping.column(), entries);
            }
            case Node.Sequence list ->
                new Node.Sequence(
                        list.line(),
                        list.column(),
                        list.items().stream()
                                .map(item -> with(item, target, added))
                                .toList());
            case Node.Scalar scalar -> scalar;
        };
    }

    private static Node.Entry with(Node.Entry entry, Node value) {
        return new Node.Entry(entry.line(), entry.column(), entry.key(), value);
    }

    /** The entry whose key begins at a place; empty if there is none. */
    static Optional<Node.Entry> entryAt(Node node, int line, int column) {
        switch (node) {
            case Node.Mapping mapping -> {
                for (Node.Entry entry : mapping.entries()) {
                    if (entry.line() == line && entry.column() == column) {
                        return Optional.of(entry);
                    }
                    Optional<Node.Entry> below = entryAt(entry.value(), line, column);
                    if (below.isPresent()) {
                        return below;
                    }
                }
            }
            case Node.Sequence list -> {
                for (Node item : list.items()) {
                    Optional<Node.Entry> below = entryAt(item, line, column);
                    if (below.isPresent()) {
                        return below;
                    }
                }
            }
            case Node.Scalar _ -> {}
        }
        return Optional.empty();
    }

    /**
     * The mapping at a path; empty if there is none, or it has no entry, or it is one of several.
     *
     * @param path such as {@code spec.containers[].securityContext}; {@code []} stands for the only item
     */
    static Optional<Node.Mapping> at(Node document, String path) {
        @Nullable Node node = document;
        for (String step : path.equals("the top level") ? new String[0] : path.split("\\.")) {
            int bracket = step.indexOf('[');
            String name = bracket < 0 ? step : step.substring(0, bracket);
            node = node instanceof Node.Mapping mapping ? mapping.get(name) : null;
            if (bracket >= 0) {
                String index = step.substring(bracket + 1, step.length() - 1);
                List<Node> items = node instanceof Node.Sequence list ? list.items() : List.of();
                int wanted = index.isEmpty() ? (items.size() == 1 ? 0 : items.size()) : Integer.parseInt(index);
                node = wanted < items.size() ? items.get(wanted) : null;
            }
        }
        return node instanceof Node.Mapping mapping && !mapping.isEmpty() ? Optional.of(mapping) : Optional.empty();
    }
}
