package io.jubelet.document;

import java.util.Objects;

/**
 * One thing that is wrong, or worth knowing, at a place of a document.
 *
 * @param line counted from 1, 0 when it concerns the document as a whole
 * @param column counted from 1, 0 when it concerns the document as a whole
 * @param field path of the field as users write it; may be empty
 * @param message a sentence saying what is wrong and what would be right
 */
public record Finding(int line, int column, String field, String message) {

    public Finding {
        Objects.requireNonNull(field, "field");
        Objects.requireNonNull(message, "message");
    }

    /** {@code line:column: field: message}, leaving out what is unknown. */
    @Override
    public String toString() {
        StringBuilder out = new StringBuilder();
        if (line > 0) {
            out.append(line).append(':').append(column).append(": ");
        }
        if (!field.isEmpty()) {
            out.append(field).append(": ");
        }
        return out.append(message).toString();
    }
}
