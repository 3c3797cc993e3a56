/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.document;

import org.yaml.snakeyaml.error.Mark;
import org.yaml.snakeyaml.reader.ReaderException;
import org.yaml.snakeyaml.reader.StreamReader;

/**
 * A YAML text in memory, as the scanner of SnakeYAML reads it. Not thread-safe.
 *
 * <p>The reader of SnakeYAML copies everything that it has looked ahead each time it needs a thousand characters more, so a
 * long comment or string costs time that grows with the square of its length: nine megabytes cost 25 seconds of a processor.
 * This one looks at the string in its place.
 *
 * <p>Places and lengths are counted in characters of a Java string, and columns in code points.
 */
final class YamlText extends StreamReader {

    private static final String NAME = "text";

    /** Nothing shows the excerpt that a mark can have. */
    private static final int[] NO_EXCERPT = {};

    /** How far to check characters at once. Errors before the next step are reported first. */
    private static final int STEP = 1024;

    private final String text;
    private int checked;
    private int position;
    private int documentStart;
    private int line;
    private int column;

    YamlText(String text) {
        super("");
        this.text = text;
    }

    /** @throws ReaderException if there is a character that YAML does not allow; its position is that in the string */
    private boolean has(int place) {
        while (checked <= place && checked < text.length()) {
            check(Math.min(checked + STEP, text.length()));
        }
        return place < text.length();
    }

    private void check(int end) {
        while (checked < end) {
            char c = text.charAt(checked);
            if (c >= ' ' && c < 0x7f) {
                checked++;
                continue;
            }
            int codePoint = text.codePointAt(checked);
            if (!StreamReader.isPrintable(codePoint)) {
                throw new ReaderException(NAME, checked, codePoint, "special characters are not allowed");
            }
            checked += Character.charCount(codePoint);
        }
    }

    @Override
    public Mark getMark() {
        return new Mark(NAME, position, line, column, NO_EXCERPT, 0);
    }

    @Override
    public void forward() {
        forward(1);
    }

    @Override
    public void forward(int length) {
        for (int i = 0; i < length && has(position); i++) {
            int c = text.codePointAt(position);
            position += Character.charCount(c);
            if (isLineEnd(c)) {
                line++;
                column = 0;
            } else if (c != '\uFEFF') {
                column++;
            }
        }
    }

    /** The line breaks of YAML 1.1. That of Windows counts once, at its second character. */
    private boolean isLineEnd(int c) {
        return switch (c) {
            case '\n', '\u0085', '\u2028', '\u2029' -> true;
            case '\r' -> has(position) && text.charAt(position) != '\n';
            default -> false;
        };
    }

    @Override
    public int peek() {
        return peek(0);
    }

    /** Returns 0 behind the end. */
    @Override
    public int peek(int offset) {
        return has(position + offset) ? text.codePointAt(position + offset) : '\0';
    }

    @Override
    public String prefix(int length) {
        has(position + length);
        return text.substring(Math.min(position, text.length()), Math.min(position + length, text.length()));
    }

    @Override
    public String prefixForward(int length) {
        String prefix = prefix(length);
        position += prefix.length();
        column += prefix.codePointCount(0, prefix.length());
        return prefix;
    }

    @Override
    public int getColumn() {
        return column;
    }

    @Override
    public int getDocumentIndex() {
        return position - documentStart;
    }

    @Override
    public void resetDocumentIndex() {
        documentStart = position;
    }

    @Override
    public int getIndex() {
        return position;
    }

    @Override
    public int getLine() {
        return line;
    }
}
