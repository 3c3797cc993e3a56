/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.logs;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Tests a line without an end. */
class LogLinesTest {

    private static final int BLOCK = 16 << 10;

    /** Counts what is written, and keeps nothing. */
    private static final class Counter extends OutputStream {
        private long bytes;
        private long lines;
        private int longest;

        @Override
        public void write(int value) {
            bytes++;
            lines += value == '\n' ? 1 : 0;
        }

        @Override
        public void write(byte[] from, int offset, int length) {
            bytes += length;
            longest = Math.max(longest, length);
        }
    }

    @Test
    void splitsLineThatIsLongerThanTheHeap() throws IOException {
        byte[] block = new byte[BLOCK];
        Arrays.fill(block, (byte) 'x');
        long blocks = Runtime.getRuntime().maxMemory() / BLOCK + 1000;
        Counter out = new Counter();
        LogLines lines = new LogLines(out, false, Optional.empty());
        for (long i = 0; i < blocks; i++) {
            lines.accept(block, block.length);
        }
        lines.end();
        assertEquals(blocks * BLOCK, out.bytes - out.lines);
        assertEquals(LogLines.MAX_LENGTH + BLOCK, out.longest);
    }

    @Test
    void keepsLineOfTheMaximumLength() throws IOException {
        byte[] line = new byte[LogLines.MAX_LENGTH];
        Counter out = new Counter();
        LogLines lines = new LogLines(out, false, Optional.empty());
        lines.accept(line, line.length);
        assertEquals(0, out.bytes, "its end may follow");
        lines.accept(new byte[] {'\n'}, 1);
        assertEquals(line.length, out.longest);
        assertEquals(1, out.lines);
        assertEquals(line.length + 1, out.bytes);
    }
}
