/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.document;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Writes compact JSON into a string: a tree of nodes, or what a caller writes field by field. */
public final class JsonText {

    private JsonText() {}

    /** Writes one JSON value. */
    @FunctionalInterface
    public interface Writing {
        void to(JsonGenerator out) throws IOException;
    }

    private static final class Generators {
        static final JsonFactory FACTORY = new JsonFactory();
    }

    /** Returns the JSON text that {@code writing} writes. */
    public static String write(Writing writing) {
        StringWriter text = new StringWriter(1024);
        try (JsonGenerator out = Generators.FACTORY.createGenerator(text)) {
            writing.to(out);
        } catch (IOException e) {
            throw new UncheckedIOException("writing to memory", e);
        }
        return text.toString();
    }

    /** The node as written: keys in the order of the document, and all fields. */
    public static String of(Node node) {
        StringBuilder out = new StringBuilder(512);
        append(out, node, false);
        return out.toString();
    }

    /**
     * The canonical text of a node: keys are sorted, and fields that are null are left out.
     * Documents with the same meaning have the same text.
     *
     * <p>This text must never change because the hashes of running pods are made from it.
     */
    public static String canonical(Node node) {
        StringBuilder out = new StringBuilder(512);
        append(out, node, true);
        return out.toString();
    }

    private static void append(StringBuilder out, Node node, boolean canonical) {
        switch (node) {
            case Node.Mapping mapping -> {
                out.append('{');
                char before = '{';
                for (Node.Entry entry : canonical ? sorted(mapping) : mapping.entries()) {
                    if (canonical && entry.value().isNull()) {
                        continue;
                    }
                    if (before == ',') {
                        out.append(',');
                    }
                    before = ',';
                    quote(out, entry.key());
                    out.append(':');
                    append(out, entry.value(), canonical);
                }
                out.append('}');
            }
            case Node.Sequence sequence -> {
                out.append('[');
                for (int i = 0; i < sequence.items().size(); i++) {
                    if (i > 0) {
                        out.append(',');
                    }
                    append(out, sequence.items().get(i), canonical);
                }
                out.append(']');
            }
            case Node.Scalar scalar -> {
                if (scalar.type() == Node.Type.STRING) {
                    quote(out, scalar.value());
                } else {
                    out.append(scalar.value());
                }
            }
        }
    }

    private static List<Node.Entry> sorted(Node.Mapping mapping) {
        List<Node.Entry> entries = new ArrayList<>(mapping.entries());
        entries.sort(Comparator.comparing(Node.Entry::key));
        return entries;
    }

    /** Appends a quoted and escaped JSON string. */
    public static void quote(StringBuilder out, String text) {
        out.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '"' -> out.append("\\\"");
                case '\\' -> out.append("\\\\");
                case '\n' -> out.append("\\n");
                case '\t' -> out.append("\\t");
                case '\r' -> out.append("\\r");
                default -> {
                    if (c < 0x20 || c == 0x7f) {
                        out.append("\\u00")
                                .append(Character.forDigit(c >> 4, 16))
                                .append(Character.forDigit(c & 15, 16));
                    } else {
                        out.append(c);
                    }
                }
            }
        }
        out.append('"');
    }
}
