/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.document;

import java.util.HexFormat;
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

    /**
     * How many characters a message can have, and the path of a field; what is longer is cut in the middle. Messages quote what
     * documents say, and are kept, logged and shown.
     */
    static final int MAX_MESSAGE = 4096;

    private static final String CUT = " [...] ";

    /** Escapes control characters of what is quoted, because messages are lines of a log and of a terminal. */
    public Finding {
        field = field.map(Finding::shown);
        message = shown(message);
    }

    private static String shown(String text) {
        return cut(printable(cut(text))); // an escape is longer than what it stands for
    }

    private static String cut(String text) {
        if (text.length() <= MAX_MESSAGE) {
            return text;
        }
        int half = (MAX_MESSAGE - CUT.length()) / 2;
        return text.substring(0, half) + CUT + text.substring(text.length() - half);
    }

    /** The same text with control and format characters escaped as in Java. */
    private static String printable(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (!isPrintable(text.charAt(i))) {
                return escaped(text);
            }
        }
        return text;
    }

    private static boolean isPrintable(char c) {
        if (c < 0x7f) {
            return c >= ' ';
        }
        return switch (Character.getType(c)) {
            case Character.CONTROL, Character.FORMAT, Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR -> false;
            default -> true;
        };
    }

    private static String escaped(String text) {
        StringBuilder out = new StringBuilder(text.length() + 16);
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (isPrintable(c)) {
                out.append(c);
            } else if (c == '\n') {
                out.append("\\n");
            } else if (c == '\t') {
                out.append("\\t");
            } else {
                out.append("\\u").append(HexFormat.of().toHexDigits(c));
            }
        }
        return out.toString();
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
