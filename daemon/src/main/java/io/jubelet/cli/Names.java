/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cli;

import io.jubelet.printing.Json;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A pod as a user names it: {@code web}, {@code web-<node>} or {@code namespace/web}.
 *
 * @param namespace empty for any
 * @param name with or without the node's name at its end; empty for any
 */
public record Names(Optional<String> namespace, Optional<String> name) {

    /**
     * Reads an argument and the namespace option. A namespace in the argument wins over that of the option.
     *
     * @param argument null: any name
     * @param namespace null: any namespace
     */
    static Names of(@Nullable String argument, @Nullable String namespace) {
        if (argument == null) {
            return new Names(Optional.ofNullable(namespace), Optional.empty());
        }
        String bare = argument.startsWith("pod/") ? argument.substring(4) : argument;
        int slash = bare.indexOf('/');
        return slash < 0
                ? new Names(Optional.ofNullable(namespace), Optional.of(bare))
                : new Names(Optional.of(bare.substring(0, slash)), Optional.of(bare.substring(slash + 1)));
    }

    /** Whether an item of {@code /jubelet/v1/pods} has this name. */
    boolean mean(Json item) {
        Json metadata = item.at("pod", "metadata");
        return mean(
                metadata.at("namespace").text(),
                item.at("name").text(),
                metadata.at("name").text());
    }

    /**
     * Whether a pod has this name.
     *
     * @param fullName with the suffix of the node
     */
    boolean mean(String itsNamespace, String itsName, String fullName) {
        return namespace.map(itsNamespace::equals).orElse(true)
                && name.map(wanted -> wanted.equals(itsName) || wanted.equals(fullName))
                        .orElse(true);
    }

    /** The one item that has this name. */
    Json only(List<Json> items) throws NotFoundException {
        List<Json> meant = items.stream().filter(this::mean).toList();
        if (meant.isEmpty()) {
            throw NotFoundException.none(this, items);
        }
        if (meant.size() > 1) {
            throw NotFoundException.several(this, meant);
        }
        return meant.getFirst();
    }

    @Override
    public String toString() {
        return namespace.map(prefix -> prefix + "/").orElse("") + name.orElse("");
    }

    /** No pod has the name, or several have it. */
    static final class NotFoundException extends Exception {

        private static final long serialVersionUID = 1L;

        /** So many pods are named, and the others counted. */
        private static final int SHOWN = 5;

        private NotFoundException(String message) {
            super(message);
        }

        /** @param items all pods */
        static NotFoundException none(Names names, List<Json> items) {
            int more = items.size() - SHOWN;
            String others = items.isEmpty()
                    ? ""
                    : "; the pods are " + list(items.subList(0, Math.min(SHOWN, items.size())))
                            + (more > 0 ? " and " + more + " more" : "");
            return new NotFoundException("there is no pod " + names + others
                    + "; jubelet get pods lists the pods, and jubelet get manifests the files that were refused");
        }

        /** @param meant the pods that have the name */
        static NotFoundException several(Names names, List<Json> meant) {
            return new NotFoundException(
                    "several pods are named " + names + ": " + list(meant) + "; name one of them with its namespace");
        }

        private static String list(List<Json> items) {
            return String.join(
                    ", ",
                    items.stream()
                            .map(item -> item.at("pod", "metadata", "namespace").text() + "/"
                                    + item.at("name").text())
                            .toList());
        }
    }
}
