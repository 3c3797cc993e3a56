/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.logs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LogLinesTest {

    private static final String TIME = "2026-01-01T10:00:00.123456789Z";
    private static final Optional<Instant> ALL = Optional.empty();

    /** What comes out of a log that arrives in pieces of a size. */
    private static String copy(String log, int size, boolean timestamps, Optional<Instant> oldest) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        LogLines lines = new LogLines(out, timestamps, oldest);
        byte[] bytes = log.getBytes(StandardCharsets.UTF_8);
        for (int from = 0; from < bytes.length; from += size) {
            byte[] piece = Arrays.copyOfRange(bytes, from, Math.min(bytes.length, from + size));
            lines.accept(piece, piece.length);
        }
        lines.end();
        return out.toString(StandardCharsets.UTF_8);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', textBlock = """
            T stdout F one;                        | one;
            T stdout F one;T stderr F two;         | one;two;
            T stdout P one;T stdout F  two;        | one two;
            T stdout P one;T stdout P two;         | onetwo
            T stdout F;T stdout F ;                | ;;
            T stdout F:x one                       | one;
            T stdout P:x one                       | one
            T stdout X one;                        | T stdout X one;
            T stdout                               | T stdout;
            T                                      | T;
            no CRI format at all;T stdout F one;   | no CRI format at all;one;
            ;T stdout F one;                       | ;one;
            a b F c;                               | c;
            """)
    void copiesTheTextInPiecesOfAnySize(String log, String expected) throws IOException {
        String input = log.replace("T ", TIME + " ").replace(';', '\n');
        String wanted = expected.replace("T ", TIME + " ").replace(';', '\n');
        for (int size : new int[] {1, 2, 3, 7, 1000}) {
            assertEquals(wanted, copy(input, size, false, ALL), () -> "in pieces of " + size);
        }
    }

    @Test
    void timeAndAgeAreThoseOfTheStartOfALine() throws IOException {
        String log = "2026-01-01T10:00:00Z stdout P old\n2026-01-01T10:00:05Z stdout F er\n"
                + "2026-01-01T10:00:06Z stdout P ne\n2026-01-01T10:00:07Z stdout F w\n";
        Optional<Instant> oldest = Optional.of(Instant.parse("2026-01-01T10:00:04Z"));
        assertEquals("new\n", copy(log, 5, false, oldest));
        assertEquals("2026-01-01T10:00:06Z new\n", copy(log, 5, true, oldest));
    }

    @ParameterizedTest
    @ValueSource(ints = {LogLines.MAX_HEAD - 1, LogLines.MAX_HEAD, LogLines.MAX_HEAD + 1, 100_000})
    void aLineWithoutBlanksIsCopiedAsItIs(int length) throws IOException {
        String line = "x".repeat(length) + " stdout F text\n";
        assertEquals(line, copy(line, 1000, false, ALL));
    }

    @Test
    void truncationDropsALineUnlessItsBeginningWasPassedOn() throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        LogLines lines = new LogLines(out, false, ALL);
        String kept = "k".repeat(LogLines.MAX_KEPT);
        String begun = "b".repeat(LogLines.MAX_KEPT + 1);
        for (String piece : List.of(TIME + " stdout F " + kept, TIME + " std", TIME + " stdout F " + begun)) {
            lines.accept(piece.getBytes(StandardCharsets.UTF_8), piece.length());
            lines.discardPending();
        }
        byte[] next = (TIME + " stdout F next\n").getBytes(StandardCharsets.UTF_8);
        lines.accept(next, next.length);
        assertEquals(begun + "\nnext\n", out.toString(StandardCharsets.UTF_8));
    }

    @Test
    void keepsAPartOfALineUpToTheLimit() throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        LogLines lines = new LogLines(out, false, ALL);
        byte[] kept = (TIME + " stdout F " + "x".repeat(LogLines.MAX_KEPT)).getBytes(StandardCharsets.UTF_8);
        lines.accept(kept, kept.length);
        assertEquals(0, out.size(), "its end may follow");
        lines.accept(new byte[] {'x'}, 1);
        assertEquals(LogLines.MAX_KEPT + 1, out.size());
    }

    /** A runtime that does not split lines passes on what the container wrote. */
    @Test
    void aLineOf256MegabytesNeedsNoMemory() throws IOException {
        com.sun.management.ThreadMXBean threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        long[] copied = {0};
        LogLines lines = new LogLines(
                new OutputStream() {
                    @Override
                    public void write(int b) {
                        copied[0]++;
                    }

                    @Override
                    public void write(byte[] bytes, int offset, int length) {
                        copied[0] += length;
                    }
                },
                false,
                ALL);
        byte[] block = new byte[1 << 20];
        Arrays.fill(block, (byte) 'x');
        byte[] head = (TIME + " stdout F ").getBytes(StandardCharsets.UTF_8);
        long before = threads.getCurrentThreadAllocatedBytes();
        lines.accept(head, head.length);
        for (int i = 0; i < 256; i++) {
            lines.accept(block, block.length);
        }
        lines.end();
        long allocated = threads.getCurrentThreadAllocatedBytes() - before;
        assertEquals((256L << 20) + 1, copied[0]);
        assertTrue(allocated < 100_000, allocated + " bytes were allocated");
    }
}
