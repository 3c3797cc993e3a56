/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.document;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Reads JSON values from a stream of any size and keeps only the fields that are wanted. What is
 * not wanted is skipped without being stored, strings and names of fields included, so that the
 * memory depends on the limits alone and not on the sender. For one thread.
 *
 * <p>A stream that ends in the middle of a value throws {@link java.io.EOFException}.
 *
 * <p>It is lenient where that does no harm: of repeated fields both are kept, and invalid UTF-8 reads
 * as the replacement character.
 */
public final class JsonStream {

    /**
     * The limits of one value.
     *
     * @param bytes the size of the value in the stream, white space before it included
     * @param keptNodes the number of mappings, lists, scalars and names that are kept
     * @param keptChars the number of characters of names and scalars that are kept
     */
    public record Limits(long bytes, int keptNodes, int keptChars) {}

    /** The stream contains something other than JSON. */
    public static final class MalformedException extends IOException {

        private static final long serialVersionUID = 1L;

        MalformedException(String message) {
            super(message);
        }
    }

    /** A value is larger than {@link Limits#bytes}. */
    public static final class TooLargeException extends IOException {

        private static final long serialVersionUID = 1L;

        TooLargeException(String message) {
            super(message);
        }
    }

    /** A longer name is of no field that anyone selects. */
    private static final int MAX_NAME_CHARS = 1024;

    /** More digits than any number of the API has. */
    private static final int MAX_NUMBER_CHARS = 64;

    private static final int BEGINNING_CHARS = 80;
    private static final String DIGEST = "\0digest";
    private static final Node.Scalar NULL = new Node.Scalar(0, 0, Node.Type.NULL, "null", "null");

    private final JsonBytes in;
    private final Limits limits;
    private final StringBuilder text = new StringBuilder();
    private int depth;
    private int nodesLeft;
    private int charsLeft;

    /** @param in read in blocks of a few kilobytes; the caller closes it */
    public JsonStream(InputStream in, Limits limits) {
        this.in = new JsonBytes(in, BEGINNING_CHARS);
        this.limits = Objects.requireNonNull(limits, "limits");
    }

    /**
     * A value that was read.
     *
     * @param node what was wanted of it; empty if that exceeds the limits
     */
    public record Value(Optional<Node> node) {
        public Value {
            Objects.requireNonNull(node, "node");
        }
    }

    /** Returns the beginning of the stream for messages, without control characters. */
    public String beginning() {
        return in.beginning();
    }

    /** Returns how many bytes were read so far. */
    public long bytes() {
        return in.total();
    }

    /** Reads the next value; empty at the end of the stream. */
    public Optional<Value> next(FieldSelection wanted) throws IOException {
        return next(wanted, "", _ -> {});
    }

    /**
     * Reads the next value, a mapping with a long list, whose elements are passed on one by one
     * and not kept.
     *
     * @param wanted what is wanted of the mapping, and of each element of the list
     * @param list the name of the field with the list
     * @param elements called with each element; the limits hold for each of them anew, except for
     *     the number of bytes
     */
    public Optional<Value> next(FieldSelection wanted, String list, Consumer<Value> elements) throws IOException {
        in.limit(limits.bytes());
        renew();
        depth = 0;
        int first = in.skipSpace();
        if (first < 0) {
            return Optional.empty();
        }
        if (first == '{' && !list.isEmpty()) {
            return Optional.of(kept(mapping(wanted, list, elements)));
        }
        return Optional.of(kept(value(first, wanted)));
    }

    /** Requires that nothing but white space follows until the end of the stream. */
    public void requireEnd() throws IOException {
        if (in.skipSpace() >= 0) {
            throw malformed("something follows the value");
        }
    }

    /** Returns the digest of a value that was selected {@linkplain FieldSelection#withDigest with it}. */
    public static Optional<String> digest(Node node) {
        return node instanceof Node.Mapping mapping && mapping.get(DIGEST) instanceof Node.Scalar scalar
                ? Optional.of(scalar.value())
                : Optional.empty();
    }

    private void renew() {
        nodesLeft = limits.keptNodes();
        charsLeft = limits.keptChars();
    }

    private Value kept(@Nullable Node node) {
        return new Value(exceeded() ? Optional.empty() : Optional.ofNullable(node));
    }

    /** Reads a value that begins with a character; null, if nothing of it is kept. */
    private @Nullable Node value(int first, @Nullable FieldSelection wanted) throws IOException {
        if (wanted != null && wanted.digest()) {
            return digested(first, wanted);
        }
        boolean scalar = wanted != null && wanted.all();
        return switch (first) {
            case '{' -> mapping(wanted, "", _ -> {});
            case '[' -> sequence(wanted);
            case '"' -> scalar ? string() : skipString(wanted);
            case 't' -> literal("true", Node.Type.BOOLEAN, wanted);
            case 'f' -> literal("false", Node.Type.BOOLEAN, wanted);
            case 'n' -> literal("null", Node.Type.NULL, wanted);
            default -> number(first, wanted);
        };
    }

    private Node digested(int first, FieldSelection wanted) throws IOException {
        in.beginDigest(first);
        FieldSelection rest = wanted.withoutDigest();
        Node node = value(first, rest);
        String digest = HexFormat.of().formatHex(in.endDigest(), 0, 16);
        List<Node.Entry> entries = new ArrayList<>();
        if (node instanceof Node.Mapping mapping) {
            entries.addAll(mapping.entries());
        }
        entries.add(new Node.Entry(0, 0, DIGEST, new Node.Scalar(0, 0, Node.Type.STRING, digest, digest)));
        return new Node.Mapping(0, 0, entries);
    }

    private @Nullable Node mapping(@Nullable FieldSelection wanted, String list, Consumer<Value> elements)
            throws IOException {
        descend();
        boolean keep = keeps(wanted);
        List<Node.Entry> entries = keep ? new ArrayList<>() : List.of();
        int next = in.skipSpace();
        while (next != '}') {
            require(next, '"', "a field has no name in quotes");
            String name = name(wanted);
            require(in.skipSpace(), ':', "a field has no value");
            FieldSelection field = wanted == null || name == null ? null : wanted.field(name);
            int first = in.skipSpace();
            if (name != null && name.equals(list) && first == '[') {
                elements(field, elements);
            } else {
                Node value = value(first, field);
                if (keep) {
                    add(entries, name, value, wanted);
                }
            }
            next = in.skipSpace();
            if (next == ',') {
                next = in.skipSpace();
                require(next, '"', "a field has no name in quotes");
            } else {
                require(next, '}', "a mapping has no end");
            }
        }
        depth--;
        return keep ? new Node.Mapping(0, 0, entries) : null;
    }

    private void add(
            List<Node.Entry> entries, @Nullable String name, @Nullable Node value, @Nullable FieldSelection wanted) {
        Node kept = value == null && wanted != null && wanted.names() ? NULL : value;
        if (name != null && kept != null && take(name.length())) {
            entries.add(new Node.Entry(0, 0, name, kept));
        }
    }

    private void elements(@Nullable FieldSelection wanted, Consumer<Value> elements) throws IOException {
        int nodes = nodesLeft;
        int chars = charsLeft;
        descend();
        int next = in.skipSpace();
        while (next != ']') {
            renew();
            elements.accept(kept(value(next, wanted)));
            next = afterElement();
        }
        depth--;
        nodesLeft = nodes;
        charsLeft = chars;
    }

    private @Nullable Node sequence(@Nullable FieldSelection wanted) throws IOException {
        descend();
        boolean keep = keeps(wanted);
        List<Node> items = keep ? new ArrayList<>() : List.of();
        FieldSelection element = wanted != null && wanted.readsNames() ? wanted : null;
        int next = in.skipSpace();
        while (next != ']') {
            Node item = value(next, element);
            if (keep && item != null && take(0)) {
                items.add(item);
            }
            next = afterElement();
        }
        depth--;
        return keep ? new Node.Sequence(0, 0, items) : null;
    }

    /** Returns the first character of the next element, or the end of the list. */
    private int afterElement() throws IOException {
        int next = in.skipSpace();
        if (next != ',') {
            require(next, ']', "a list has no end");
            return next;
        }
        next = in.skipSpace();
        if (next == ']') {
            throw malformed("a list ends with a comma");
        }
        return next;
    }

    private boolean keeps(@Nullable FieldSelection wanted) {
        return wanted != null && take(0);
    }

    /** Returns whether the limits of what is kept are exceeded, so that nothing more needs to be stored. */
    private boolean exceeded() {
        return nodesLeft < 0 || charsLeft < 0;
    }

    /** Accounts for one node; returns whether it can be kept. */
    private boolean take(int chars) {
        nodesLeft = Math.max(-1, nodesLeft - 1);
        charsLeft = Math.max(-1, charsLeft - chars);
        return !exceeded();
    }

    /** Reads the name of a field; null, if it does not matter. */
    private @Nullable String name(@Nullable FieldSelection wanted) throws IOException {
        if (wanted == null || !wanted.readsNames() || exceeded()) {
            in.skipString();
            return null;
        }
        text.setLength(0);
        return in.string(text, MAX_NAME_CHARS) ? text.toString() : null;
    }

    private @Nullable Node string() throws IOException {
        text.setLength(0);
        boolean complete = in.string(text, Math.max(0, charsLeft));
        if (!complete) {
            charsLeft = -1;
            return null;
        }
        return take(text.length()) ? scalar(Node.Type.STRING, text.toString()) : null;
    }

    private @Nullable Node skipString(@Nullable FieldSelection wanted) throws IOException {
        in.skipString();
        return wanted == null ? null : NULL;
    }

    private @Nullable Node literal(String literal, Node.Type type, @Nullable FieldSelection wanted) throws IOException {
        for (int i = 1; i < literal.length(); i++) {
            require(in.read(), literal.charAt(i), "a word is none of true, false and null");
        }
        return wanted == null ? null : wanted.all() && take(literal.length()) ? scalar(type, literal) : NULL;
    }

    private @Nullable Node number(int first, @Nullable FieldSelection wanted) throws IOException {
        if (first < 0) {
            throw JsonBytes.truncated();
        }
        text.setLength(0);
        int c = first;
        while (c == '-' || c == '+' || c == '.' || c == 'e' || c == 'E' || (c >= '0' && c <= '9')) {
            if (text.length() == MAX_NUMBER_CHARS) {
                throw malformed("a number has more than " + MAX_NUMBER_CHARS + " characters");
            }
            text.append((char) c);
            c = in.read();
        }
        in.unread(c);
        String digits = text.toString();
        if (!JsonNumber.isValid(digits)) {
            throw malformed(digits.isEmpty() ? "a value begins with an unexpected character" : "a number is malformed");
        }
        if (wanted == null || !wanted.all() || !take(digits.length())) {
            return wanted == null ? null : NULL;
        }
        boolean integer = digits.chars().allMatch(d -> d == '-' || (d >= '0' && d <= '9'));
        return scalar(integer ? Node.Type.INTEGER : Node.Type.FLOAT, digits);
    }

    private static Node.Scalar scalar(Node.Type type, String value) {
        return new Node.Scalar(0, 0, type, value, value);
    }

    private void descend() throws IOException {
        if (++depth > Documents.MAX_DEPTH) {
            throw malformed("a value is nested too deeply; at most " + Documents.MAX_DEPTH + " levels are allowed");
        }
    }

    private void require(int c, int expected, String otherwise) throws IOException {
        if (c < 0) {
            throw JsonBytes.truncated();
        }
        if (c != expected) {
            throw malformed(otherwise);
        }
    }

    private MalformedException malformed(String what) {
        return new MalformedException(what + ", at byte " + in.total());
    }
}
