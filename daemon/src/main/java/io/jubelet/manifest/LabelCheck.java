package io.jubelet.manifest;

import io.jubelet.document.FieldReader;
import io.jubelet.document.Node;
import io.jubelet.schema.Names;
import java.util.Map;

/** Checks labels, wherever a pod has them. */
final class LabelCheck {

    private LabelCheck() {}

    /**
     * Notes which labels of a field cannot be.
     *
     * @param labels those of its entries that are texts
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
