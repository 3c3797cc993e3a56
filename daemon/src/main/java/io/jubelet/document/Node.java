package io.jubelet.document;

import java.util.List;
import java.util.Objects;

/** A value in a document, with the place where it begins. Lines and columns are counted from 1. */
public sealed interface Node {

    /** The line where this value begins. */
    int line();

    /** The column where this value begins. */
    int column();

    /** What this value is, in words for people. */
    String describe();

    /** Whether this is null: in manifests the same as a field that is left out. */
    default boolean isNull() {
        return false;
    }

    /** Whether this says nothing: null, false, zero, an empty text, list or mapping. */
    boolean isEmpty();

    /** Keys and values, in the order of the document; keys are unique. */
    record Mapping(int line, int column, List<Entry> entries) implements Node {

        /** The value of {@code key}, or null. */
        public Node get(String key) {
            for (Entry entry : entries) {
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

    /** One key of a mapping, with the place of the key. */
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

    /** What a scalar is. */
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
     * @param type what it is by the rules of its language
     * @param text as written, without quotes
     * @param value the same in one way only: true, false, null, a decimal number, or the text
     */
    record Scalar(int line, int column, Type type, String text, String value) implements Node {

        /** Whether this is true; only for booleans. */
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
