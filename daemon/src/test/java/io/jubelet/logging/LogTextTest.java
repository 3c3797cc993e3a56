/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.logging;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.event.Level;

class LogTextTest {

    private static final String FORGED = "x\n2026-11-30T00:00:00.000Z ERROR Daemon - forged";

    private static String shown(String text) {
        StringBuilder out = new StringBuilder();
        LogText.append(out, text);
        return out.toString();
    }

    @Test
    void aMessageCannotBecomeALineOfItsOwn() {
        String line = LineLogger.line(Instant.EPOCH, Level.WARN, "Hooks", FORGED, null);
        assertEquals(1, line.lines().count(), line);
        assertTrue(line.endsWith("x\\n2026-11-30T00:00:00.000Z ERROR Daemon - forged\n"), line);
    }

    @Test
    void anExceptionCannotBecomeALineOfItsOwn() {
        Exception suppressed = new Exception(FORGED);
        Exception cause = new Exception(FORGED);
        Exception thrown = new Exception(FORGED, cause);
        thrown.addSuppressed(suppressed);
        String trace = LineLogger.line(Instant.EPOCH, Level.WARN, "Hooks", "it failed", thrown);
        assertEquals(
                List.of(),
                trace.lines()
                        .filter(line -> line.startsWith("2026-11-30T00:00:00.000Z"))
                        .toList());
        String inJournal = LineLogger.journalLines(Level.WARN, "Hooks", "it failed", new Exception("x\n<0>forged"));
        assertTrue(inJournal.lines().allMatch(line -> line.startsWith("<4>")), inJournal);
    }

    /** The ranges of characters that end a line or act on a terminal. */
    @ParameterizedTest
    @ValueSource(
            ints = {
                0, 7, 8, 9, 0x0a, 0x0d, 0x1b, 0x1f, 0x7f, 0x80, 0x85, 0x9b, 0x9f, 0x61c, 0x200b, 0x200f, 0x2028, 0x2029,
                0x202a, 0x202e, 0x2066, 0x2069, 0xfeff
            })
    void escapesControlCharacters(int c) {
        String escaped = shown("a" + (char) c + "b");
        assertTrue(escaped.matches("a\\\\([nrt]|u[0-9a-f]{4})b"), escaped);
    }

    @Test
    void leavesTextOfAllLanguagesAlone() {
        String text = "Zürich 東京 שלום \uD83D\uDE00 \\ \" ~ \u00a0 é";
        assertEquals(text, shown(text));
    }

    @Test
    void escapesHalvesOfPairs() {
        assertEquals("a\\ud83db", shown("a\uD83Db"));
        assertEquals("\\ude00", shown("\uDE00"));
    }

    @Test
    void aLineIsNoLongerThanTheJournalKeepsTogether() {
        assertEquals("x".repeat(LogText.MAX_LINE), shown("x".repeat(LogText.MAX_LINE)));
        String cut = shown("x".repeat(LogText.MAX_LINE + 1));
        assertEquals(LogText.MAX_LINE, cut.length());
        assertTrue(cut.endsWith("x... (cut, 16001 characters in all)"), cut);
        for (String longText : List.of("\u001b", "東", "\uD83D\uDE00", "a\uD83D\uDE00")) {
            String line = shown(longText.repeat(LogText.MAX_LINE));
            assertTrue(line.getBytes(StandardCharsets.UTF_8).length < 48 << 10);
            assertTrue(line.length() <= LogText.MAX_LINE);
        }
        assertTrue(shown("\uD83D\uDE00".repeat(LogText.MAX_LINE))
                .codePoints()
                .noneMatch(c -> c == '?' || (c < 0xffff && Character.isSurrogate((char) c))));
    }

    @Test
    void tracesReadAsThoseOfTheJdk() {
        Exception inner = new IllegalStateException("inner");
        Exception thrown = new Exception("outer", inner);
        thrown.addSuppressed(new Exception("beside", new Exception("below")));
        inner.initCause(thrown);
        StringWriter expected = new StringWriter();
        thrown.printStackTrace(new PrintWriter(expected));
        StringBuilder trace = new StringBuilder();
        LogText.appendTrace(trace, "", thrown);
        assertEquals(expected.toString(), trace.toString());
    }
}
