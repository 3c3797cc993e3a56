/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.logs;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Optional;

/**
 * Converts the lines that a CRI runtime writes into those that the container wrote.
 *
 * <p>Source: the CRI log format. A line is {@code <RFC 3339 time> <stream> <tags> <text>}; the
 * first tag is {@code F} when the text ends a line of the container, {@code P} if more of that line
 * follows. A line in any other format is copied as it is. Input may come in pieces of any size.
 * Used by one thread.
 */
final class LogLines {

    private static final int BLOCK = 64 << 10;

    /**
     * Runtimes split lines at a sixteenth of this length. A line without an end must not fill the
     * memory.
     */
    static final int MAX_LENGTH = 256 << 10;

    private final OutputStream out;
    private final boolean timestamps;
    private final Optional<Instant> oldest;
    private final ByteArrayOutputStream pending = new ByteArrayOutputStream();
    private boolean lineContinues;
    /** Whether the present line is too old. */
    private boolean skipped;

    /**
     * @param oldest lines before this time are left out; the time of a line is that of its start
     */
    LogLines(OutputStream out, boolean timestamps, Optional<Instant> oldest) {
        this.out = out;
        this.timestamps = timestamps;
        this.oldest = oldest;
    }

    /** Accepts the next bytes of the file. */
    void accept(byte[] bytes, int length) throws IOException {
        int from = 0;
        for (int i = 0; i < length; i++) {
            if (bytes[i] == '\n') {
                pending.write(bytes, from, i - from);
                writeLine(pending.toByteArray());
                pending.reset();
                from = i + 1;
            }
        }
        pending.write(bytes, from, length - from);
        if (pending.size() > MAX_LENGTH) {
            end();
        }
    }

    /** Drops a line whose end is missing, because the file was truncated. */
    void discardPending() {
        pending.reset();
        lineContinues = false;
        skipped = false;
    }

    /** Accepts the end of the file, whose last line is incomplete after a crash. */
    void end() throws IOException {
        if (pending.size() > 0) {
            writeLine(pending.toByteArray());
            pending.reset();
        }
    }

    private void writeLine(byte[] line) throws IOException {
        int afterTime = indexAfterBlank(line, 0);
        int afterStream = indexAfterBlank(line, afterTime);
        int afterTags = indexAfterBlank(line, afterStream);
        boolean cri = afterStream > 0 && isTag(line, afterStream);
        if (!cri) {
            out.write(line);
            out.write('\n');
            return;
        }
        boolean continuation = lineContinues;
        lineContinues = line[afterStream] == 'P';
        if (oldest.isPresent() && !continuation) {
            skipped = isOlder(line, afterTime - 1, oldest.get());
        }
        if (skipped) {
            return;
        }
        if (timestamps && !continuation) {
            out.write(line, 0, afterTime);
        }
        int text = afterTags > 0 ? afterTags : line.length;
        out.write(line, text, line.length - text);
        if (!lineContinues) {
            out.write('\n');
        }
    }

    /** Whether a line was written before a time; false if its time is malformed. */
    private static boolean isOlder(byte[] line, int length, Instant than) {
        try {
            return Instant.parse(new String(line, 0, length, StandardCharsets.US_ASCII))
                    .isBefore(than);
        } catch (DateTimeParseException _) {
            return false;
        }
    }

    private static boolean isTag(byte[] line, int at) {
        boolean known = at < line.length && (line[at] == 'F' || line[at] == 'P');
        return known && (at + 1 == line.length || line[at + 1] == ' ' || line[at + 1] == ':');
    }

    /** The index after the next blank; -1 if there is none, or {@code from} is -1. */
    private static int indexAfterBlank(byte[] line, int from) {
        for (int i = from; from >= 0 && i < line.length; i++) {
            if (line[i] == ' ') {
                return i + 1;
            }
        }
        return -1;
    }

    /**
     * Finds where the last {@code count} lines of a file start, reading it backwards block by
     * block.
     */
    static Tail tail(SeekableByteChannel file, long count) throws IOException {
        long end = file.size();
        if (count <= 0 || end == 0) {
            return new Tail(count <= 0 ? end : 0, Math.max(0, count));
        }
        ByteBuffer block = ByteBuffer.allocate((int) Math.min(BLOCK, end));
        long left = count;
        long blockEnd = end;
        while (blockEnd > 0) {
            long blockStart = Math.max(0, blockEnd - block.capacity());
            read(file, blockStart, block.clear().limit((int) (blockEnd - blockStart)));
            for (int i = block.limit() - 1; i >= 0; i--) {
                long position = blockStart + i;
                if (block.get(i) == '\n' && position < end - 1 && --left == 0) {
                    return new Tail(position + 1, 0);
                }
            }
            blockEnd = blockStart;
        }
        return new Tail(0, left - 1);
    }

    /**
     * The end of a file.
     *
     * @param position where to start
     * @param missing how many lines the preceding file has to provide
     */
    record Tail(long position, long missing) {}

    private static void read(SeekableByteChannel file, long position, ByteBuffer into) throws IOException {
        file.position(position);
        while (into.hasRemaining() && file.read(into) >= 0) {
            // until the block is full
        }
        into.flip();
    }
}
