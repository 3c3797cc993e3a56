/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.criconfig;

import java.util.HexFormat;

/**
 * Quotes text as {@code strconv.Quote} of Go does: in double quotes, with unprintable characters
 * escaped. Pure.
 */
final class GoQuote {

    private GoQuote() {}

    static void append(StringBuilder out, String text) {
        out.append('"');
        text.codePoints().forEach(c -> append(out, c));
        out.append('"');
    }

    private static void append(StringBuilder out, int c) {
        switch (c) {
            case '"' -> out.append("\\\"");
            case '\\' -> out.append("\\\\");
            case 7 -> out.append("\\a");
            case '\b' -> out.append("\\b");
            case '\f' -> out.append("\\f");
            case '\n' -> out.append("\\n");
            case '\r' -> out.append("\\r");
            case '\t' -> out.append("\\t");
            case 11 -> out.append("\\v");
            default -> {
                if (printable(c)) {
                    out.appendCodePoint(c);
                } else if (c < 0x80) {
                    out.append("\\x").append(HexFormat.of().toHexDigits(c, 2));
                } else if (c < 0x10000) {
                    out.append("\\u").append(HexFormat.of().toHexDigits(c, 4));
                } else {
                    out.append("\\U").append(HexFormat.of().toHexDigits(c, 8));
                }
            }
        }
    }

    /**
     * Whether Go prints the character as it is: letters, marks, numbers, punctuation, symbols and
     * U+0020.
     */
    private static boolean printable(int c) {
        return c == ' '
                || switch (Character.getType(c)) {
                    case Character.CONTROL,
                            Character.FORMAT,
                            Character.SURROGATE,
                            Character.PRIVATE_USE,
                            Character.UNASSIGNED,
                            Character.SPACE_SEPARATOR,
                            Character.LINE_SEPARATOR,
                            Character.PARAGRAPH_SEPARATOR -> false;
                    default -> true;
                };
    }
}
