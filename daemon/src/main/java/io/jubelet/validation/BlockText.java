/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.validation;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** The lines of a YAML text in block style, with comments and layout. Immutable; each change is a new text. */
record BlockText(List<String> lines) {

    BlockText {
        lines = List.copyOf(lines);
    }

    static BlockText of(String text) {
        return new BlockText(Arrays.asList(text.split("\n", -1)));
    }

    String text() {
        return String.join("\n", lines);
    }

    /** Some lines: the first, and the one behind the last; counted from 0. */
    private record Range(int start, int end) {}

    /**
     * The lines of an entry whose key begins its line.
     *
     * @param line of its key, counted from 1
     * @param column of its key, counted from 1
     */
    private Optional<Range> entry(int line, int column) {
        return lines.get(line - 1).substring(0, column - 1).isBlank()
                ? Optional.of(new Range(line - 1, end(line - 1, column - 1, true)))
                : Optional.empty();
    }

    /**
     * The line behind what belongs to the line {@code start} of an indentation.
     *
     * @param lists whether a list of the same indentation belongs to it
     */
    private int end(int start, int indentation, boolean lists) {
        int end = start + 1;
        for (int i = start + 1; i < lines.size(); i++) {
            String line = lines.get(i);
            String content = line.strip();
            int indented = line.length() - line.stripLeading().length();
            boolean item = lists && indented == indentation && (content.startsWith("- ") || content.equals("-"));
            boolean comment = content.startsWith("#");
            if (!content.isEmpty() && (indented > indentation || item)) {
                end = i + 1;
            } else if (!content.isEmpty() && !comment) {
                break;
            }
        }
        return end;
    }

    private BlockText without(Range range) {
        List<String> rest = new ArrayList<>(lines.subList(0, range.start()));
        rest.addAll(lines.subList(range.end(), lines.size()));
        return new BlockText(rest);
    }

    /** Without an entry; empty if other text is before its key on its line. */
    Optional<BlockText> withoutEntry(int line, int column) {
        return entry(line, column).map(this::without);
    }

    /** Without an item of a list, whose value begins at a place; empty if other text is before it on its line. */
    Optional<BlockText> withoutItem(int line, int column) {
        String before = lines.get(line - 1).substring(0, column - 1);
        if (!before.strip().equals("-")) {
            return Optional.empty();
        }
        return Optional.of(without(new Range(line - 1, end(line - 1, before.indexOf('-'), false))));
    }

    /**
     * With an entry moved behind the first entry of another mapping.
     *
     * @param line of the key of the entry
     * @param column of the key of the entry
     * @param targetLine of the first key of the other mapping
     * @param targetColumn of the first key of the other mapping
     */
    Optional<BlockText> withMoved(int line, int column, int targetLine, int targetColumn) {
        Optional<Range> from = entry(line, column);
        if (from.isEmpty()) {
            return Optional.empty();
        }
        Range range = from.get();
        List<String> moved = new ArrayList<>();
        for (String each : lines.subList(range.start(), range.end())) {
            moved.add(shifted(each, targetColumn - column));
        }
        int at = end(targetLine - 1, targetColumn - 1, true);
        List<String> rest = new ArrayList<>(without(range).lines());
        rest.addAll(at >= range.end() ? at - moved.size() : at, moved);
        return Optional.of(new BlockText(rest));
    }

    private static String shifted(String line, int columns) {
        if (line.isBlank()) {
            return line;
        }
        int indented = line.length() - line.stripLeading().length();
        return " ".repeat(Math.max(0, indented + columns)) + line.stripLeading();
    }

    /** With one word in the place of another at a place, in quotes or without; empty if the word is not there. */
    Optional<BlockText> withWord(int line, int column, String old, String word) {
        String text = lines.get(line - 1);
        int start = column - 1;
        if (start < text.length() && (text.charAt(start) == '"' || text.charAt(start) == '\'')) {
            start++;
        }
        int end = start + old.length();
        if (!text.startsWith(old, start) || (end < text.length() && isPartOfWord(text.charAt(end)))) {
            return Optional.empty();
        }
        List<String> all = new ArrayList<>(lines);
        all.set(line - 1, text.substring(0, start) + word + text.substring(end));
        return Optional.of(new BlockText(all));
    }

    private static boolean isPartOfWord(char c) {
        return Character.isLetterOrDigit(c) || c == '_' || c == '-' || c == '.';
    }
}
