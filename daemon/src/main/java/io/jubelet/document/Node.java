/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.document;

import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A value in a document, with the place where it starts. Lines and columns are counted from 1. Immutable. */
public sealed interface Node {

    /** The line where this value starts. */
    int line();

    /** The column where this value starts. */
    int column();

    /** A description for messages, such as {@code the string "x"}. */
    String describe();

    /** Whether this is null, which in manifests is the same as a field that is left out. */
    default boolean isNull() {
        return false;
    }

    /** Whether this is the zero value: null, false, zero, or an empty string, list or mapping. */
    boolean isEmpty();

    /** A mapping: unique keys and their values, in the order of the document. */
    record Mapping(int line, int column, List<Entry> entries) implements Node {

        /** The value of {@code key}; null when there is none. */
        public @Nullable Node get(String key) {
            // Without an iterator, because a manifest is asked for hundreds of fields.
            for (int i = 0; i < entries.size(); i++) {
                Entry entry = entries.get(i);
                if (entry.key().equals(key)) {
                    return entry.value();
                }
            }
            return null;
        }

        @Override
        public String describe() {
            return "a mapping";
        }

        @Override
        public boolean isEmpty() {
            return entries.isEmpty();
        }
    }

    /** One entry of a mapping, with the place of the key. */
    record Entry(int line, int column, String key, Node value) {
        public Entry {
            Objects.requireNonNull(key, "key");
            Objects.requireNonNull(value, "value");
        }
    }

    /** A list. */
    record Sequence(int line, int column, List<Node> items) implements Node {

        @Override
        public String describe() {
            return "a list";
        }

        @Override
        public boolean isEmpty() {
            return items.isEmpty();
        }
    }

    /** The type of a scalar. */
    enum Type {
        STRING,
        BOOLEAN,
        INTEGER,
        FLOAT,
        NULL
    }

    /**
     * A single value.
     *
     * @param type by the rules of YAML or JSON
     * @param text as written, without quotes
     * @param value in canonical form: true, false, null, a decimal number, or the string
     */
    record Scalar(int line, int column, Type type, String text, String value) implements Node {

        /** The value of a boolean. */
        public boolean isTrue() {
            return value.equals("true");
        }

        @Override
        public boolean isNull() {
            return type == Type.NULL;
        }

        @Override
        public boolean isEmpty() {
            return switch (type) {
                case STRING -> value.isEmpty();
                case BOOLEAN -> !isTrue();
                case INTEGER, FLOAT -> value.equals("0");
                case NULL -> true;
            };
        }

        @Override
        public String describe() {
            return switch (type) {
                case STRING -> "the string \"" + abbreviated() + "\"";
                case BOOLEAN -> "the boolean " + text;
                case INTEGER, FLOAT -> "the number " + text;
                case NULL -> "empty";
            };
        }

        private String abbreviated() {
            return text.length() <= 40 ? text : text.substring(0, 37) + "...";
        }
    }
}
