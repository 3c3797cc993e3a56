/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.manifest;

import io.jubelet.document.FieldReader;
import io.jubelet.document.Node;
import io.jubelet.schema.Names;
import java.util.Map;

/** Validates labels. */
final class LabelCheck {

    private LabelCheck() {}

    /**
     * Validates the labels in a field. Errors become findings.
     *
     * @param labels the entries of the field that are strings
     */
    static void check(FieldReader reader, String field, Map<String, String> labels) {
        for (Node.Entry entry : reader.entries(field)) {
            String path = reader.path(field) + "." + entry.key();
            String wrong = Names.checkKey(entry.key());
            if (wrong != null) {
                reader.findings().error(entry.line(), entry.column(), path, wrong);
            }
            String value = labels.get(entry.key());
            wrong = value == null ? null : Names.checkLabelValue(value);
            if (wrong != null) {
                reader.findings().error(entry.value(), path, wrong);
            }
        }
    }
}
