/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.schema;

import io.jubelet.document.FieldTable;
import io.jubelet.document.FieldTree;
import java.util.List;

/** Every field of a v1 ConfigMap and Secret, and how it is supported. */
public final class LocalConfigFields {

    private static final String SERVER_SIDE = "an API server sets it; a manifest cannot";

    public static final FieldTable CONFIG_MAP =
            FieldTable.of("a ConfigMap").honoured("apiVersion", "kind", "metadata", "data", "binaryData", "immutable");

    public static final FieldTable SECRET = FieldTable.of("a Secret")
            .honoured("apiVersion", "kind", "metadata", "data", "stringData", "type", "immutable");

    public static final FieldTable METADATA = FieldTable.of("metadata")
            .honoured("name", "namespace", "labels", "annotations")
            .noEffect(
                    SERVER_SIDE,
                    "uid",
                    "creationTimestamp",
                    "resourceVersion",
                    "generation",
                    "managedFields",
                    "selfLink")
            .ignored("is ignored; " + SERVER_SIDE, "deletionTimestamp", "deletionGracePeriodSeconds", "ownerReferences")
            .ignored("is ignored: removing the document removes the object, regardless of finalizers", "finalizers")
            .ignored("is ignored; no API server makes a name from it, and metadata.name is the name", "generateName");

    private LocalConfigFields() {}

    /** Where the tables of {@link #CONFIG_MAP} or {@link #SECRET} apply. */
    public static FieldTree tree(FieldTable document) {
        return new FieldTree().at("", document).at("metadata", METADATA).labels("metadata.labels");
    }

    static List<FieldTable> all() {
        return List.of(CONFIG_MAP, SECRET, METADATA);
    }
}
