/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.document;

import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Recognises templates that were not rendered by their marks, in files and values with errors. */
final class Templates {

    /** The beginnings of expressions in Go templates, Jinja and Helm charts, and of statements in Jinja. */
    private static final List<String> MARKS = List.of("{{", "{%");

    private Templates() {}

    /** Whether a string has the mark of a template. */
    static boolean isIn(String text) {
        return MARKS.stream().anyMatch(text::contains);
    }

    /**
     * The finding that replaces the errors of a template, which are ordered by line; null when none of them is at an
     * expression. A statement on a line of its own can cause an error on the next line.
     */
    static @Nullable Finding find(String text, List<Finding> errors) {
        // One line at a time, because a list of them could be many times as large as the text.
        Iterator<String> lines = text.lines().iterator();
        int line = 0;
        String before = "";
        String current = "";
        for (Finding error : errors) {
            while (line < error.line() && lines.hasNext()) {
                before = current;
                current = lines.next();
                line++;
            }
            if (error.line() > 0 && column(current) > 0) {
                return finding(current, line);
            }
            if (error.line() > 0 && isStatement(before)) {
                return finding(before, line - 1);
            }
        }
        return null;
    }

    private static Finding finding(String text, int line) {
        int column = column(text);
        return new Finding(
                line,
                column,
                Optional.empty(),
                "is a template that was not rendered: \"" + text.substring(column - 1, column + 1)
                        + "\" begins an expression of its template language; put the result of rendering here");
    }

    private static boolean isStatement(String line) {
        return MARKS.stream().anyMatch(line.strip()::startsWith);
    }

    /** The column of the first mark outside of quotes, counted from 1; 0 for none. */
    private static int column(String line) {
        char quote = 0;
        for (int i = 0; i < line.length(); i++) {
            char c = line.charAt(i);
            if (quote != 0) {
                quote = c == quote ? 0 : quote;
            } else if (c == '"' || c == '\'') {
                quote = c;
            } else if (c == '#' && (i == 0 || line.charAt(i - 1) == ' ')) {
                return 0;
            } else if (c == '{' && MARKS.contains(line.substring(i, Math.min(i + 2, line.length())))) {
                return i + 1;
            }
        }
        return 0;
    }
}
