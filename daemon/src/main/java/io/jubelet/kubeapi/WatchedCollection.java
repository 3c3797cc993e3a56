/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.kubeapi;

import io.jubelet.document.FieldSelection;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;

/**
 * A collection of the API server, and what a {@link Reflector} keeps of it. Immutable.
 *
 * @param name what the objects are called in messages and names of threads
 * @param path the path of the collection
 * @param fieldSelector selects the objects of this node, such as {@code spec.nodeName=node1}
 * @param wanted the fields that {@code mapper} reads
 * @param mapper maps an object to what is kept of it; empty to keep nothing
 * @param retention decides what is kept if the objects are too many
 */
public record WatchedCollection<T>(
        String name,
        String path,
        String fieldSelector,
        FieldSelection wanted,
        Function<ApiObject, Optional<T>> mapper,
        Retention<T> retention) {

    public WatchedCollection {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(path, "path");
        Objects.requireNonNull(fieldSelector, "fieldSelector");
        Objects.requireNonNull(wanted, "wanted");
        Objects.requireNonNull(mapper, "mapper");
        Objects.requireNonNull(retention, "retention");
    }

    /** Returns the wanted fields of a list. */
    FieldSelection ofList() {
        return FieldSelection.NOTHING
                .with("metadata", "resourceVersion")
                .with("metadata", "continue")
                .with(ofObject(), "items");
    }

    /** Returns the wanted fields of an event of a watch, whose object can be a v1 Status. */
    FieldSelection ofEvent() {
        return FieldSelection.NOTHING
                .with("type")
                .with(ofObject().with("code").with("reason").with("message"), "object");
    }

    private FieldSelection ofObject() {
        return wanted.with("metadata", "resourceVersion").with("metadata", "uid");
    }
}
