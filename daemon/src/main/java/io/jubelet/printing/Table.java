/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.printing;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;

/**
 * Aligned columns. Rows can be added after others were printed; then columns only get wider.
 *
 * <p>Control characters are replaced, because text from a manifest or a runtime must not control the terminal.
 */
public final class Table {

    private static final String GAP = "   ";

    private final int[] widths;
    private final List<List<String>> pending = new ArrayList<>();

    /** A table whose first row is {@code header}; an empty header prints none. */
    public Table(int columns, List<String> header) {
        widths = new int[columns];
        if (!header.isEmpty()) {
            add(header);
        }
    }

    public void add(List<String> row) {
        List<String> cells = row.stream().map(Table::printable).toList();
        for (int i = 0; i < widths.length; i++) {
            widths[i] = Math.max(widths[i], cells.get(i).length());
        }
        pending.add(cells);
    }

    /** Prints the rows that were not printed yet. */
    public void print(PrintStream out) {
        for (List<String> row : pending) {
            StringBuilder line = new StringBuilder();
            for (int i = 0; i < widths.length; i++) {
                line.append(row.get(i));
                if (i < widths.length - 1) {
                    line.repeat(' ', widths[i] - row.get(i).length()).append(GAP);
                }
            }
            out.println(line.toString().stripTrailing());
        }
        pending.clear();
        out.flush();
    }

    /** One line without control characters. */
    public static String printable(String text) {
        StringBuilder out = new StringBuilder(text.length());
        text.codePoints().forEach(c -> out.appendCodePoint(c == '\n' || c == '\t' ? ' ' : isHarmful(c) ? '?' : c));
        return out.toString();
    }

    /** Whether a character ends a line, or acts on a terminal instead of being shown as itself. */
    public static boolean isHarmful(int c) {
        return switch (Character.getType(c)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.SURROGATE,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR -> true;
            default -> false;
        };
    }
}
