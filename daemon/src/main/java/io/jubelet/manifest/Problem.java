package io.jubelet.manifest;

import java.util.Objects;

/**
 * One thing that is wrong, or worth knowing, in a manifest.
 *
 * @param line 1-based, 0 when it concerns the file as a whole
 * @param column 1-based, 0 when it concerns the file as a whole
 * @param field path of the field as users write it, such as {@code spec.containers[0].image}; may be empty
 * @param message a sentence saying what is wrong and what would be right
 */
public record Problem(int line, int column, String field, String message) {

    public Problem {
        Objects.requireNonNull(field, "field");
        Objects.requireNonNull(message, "message");
    }

    /** A problem of the file as a whole. */
    public static Problem ofFile(String message) {
        return new Problem(0, 0, "", message);
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
