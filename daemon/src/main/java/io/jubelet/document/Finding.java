/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.document;

import java.util.Objects;
import java.util.Optional;

/**
 * An error or a warning about a place in a document.
 *
 * @param line counted from 1; 0 for the document as a whole
 * @param column counted from 1; 0 for the document as a whole
 * @param field path of the field as users write it, such as {@code spec.containers[0].image}; empty
 *     for no field
 * @param message says what is wrong and what would be right; the field, if there is one, is the
 *     subject of the sentence
 */
public record Finding(int line, int column, Optional<String> field, String message) {

    public Finding {
        Objects.requireNonNull(field, "field");
        Objects.requireNonNull(message, "message");
    }

    /** A finding about the document as a whole. */
    public static Finding ofFile(String message) {
        return new Finding(0, 0, Optional.empty(), message);
    }

    /**
     * A finding about a field.
     *
     * @param path of the field; the empty path is that of the document itself, which is no field
     */
    public static Finding of(int line, int column, String path, String message) {
        return new Finding(line, column, path.isEmpty() ? Optional.empty() : Optional.of(path), message);
    }

    /** The same finding at another line, such as that of a file that is a part of the document. */
    public Finding atLine(int other) {
        return new Finding(other, column, field, message);
    }

    /** Whether this is about a repeated key, so that the message quotes no value of the document. */
    public boolean isRepeatedKey() {
        return message.startsWith(MappingBuilder.REPEATED_KEY);
    }

    /** {@code line:column: field: message}, without the parts that are not known. */
    @Override
    public String toString() {
        StringBuilder out = new StringBuilder();
        if (line > 0) {
            out.append(line).append(':').append(column).append(": ");
        }
        if (field.isPresent()) {
            out.append(field.get()).append(": ");
        }
        return out.append(message).toString();
    }
}
