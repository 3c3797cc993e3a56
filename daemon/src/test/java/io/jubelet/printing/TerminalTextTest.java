/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.printing;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class TerminalTextTest {

    private static String shown(String text) {
        TerminalText whole = new TerminalText();
        String shown = whole.next(text) + whole.end();
        TerminalText single = new TerminalText();
        StringBuilder parts = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            parts.append(single.next(text.substring(i, i + 1)));
        }
        parts.append(single.end());
        assertEquals(shown, parts.toString(), "however the text is divided");
        return shown;
    }

    @Test
    void textPasses() {
        String text = "größer\t\uD83D\uDE00 日本語\nnext line\n";
        assertEquals(text, shown(text));
    }

    @Test
    void coloursPass() {
        String text = "\u001b[1;31mred\u001b[0m \u001b[38:2::1:2:3mx\u001b[m";
        assertEquals(text, shown(text));
    }

    @Test
    void sequencesThatChangeMoreAreEscaped() {
        assertEquals("\\u001b[2J", shown("\u001b[2J"));
        assertEquals("\\u001b[1A", shown("\u001b[1A"));
        assertEquals("\\u001b]0;title\\u0007", shown("\u001b]0;title\u0007"));
        assertEquals("\\u001b\\u001b[3\u001b[0m", shown("\u001b\u001b[3\u001b[0m"));
        assertEquals("\\u001b[" + "1".repeat(100) + "m", shown("\u001b[" + "1".repeat(100) + "m"));
        assertEquals("\\u001b[1", shown("\u001b[1"));
        assertEquals("\\u009b2J", shown("\u009b2J"));
    }

    @Test
    void aLineCannotBeWrittenOverOrReversed() {
        assertEquals("all is lost\\rall is well\n", shown("all is lost\rall is well\n"));
        assertEquals("\\u202eabc\\u2028\\u0008\\u0000", shown("\u202eabc\u2028\b\u0000"));
    }

    @Test
    void theEndsOfLinesOfAProcessWithATerminalPass() {
        assertEquals("a\nb\n\\r\nc\\r", shown("a\r\nb\r\n\r\r\nc\r"));
    }
}
