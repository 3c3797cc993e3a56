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
 * follows. A line in any other format is copied as it is. Input may come in pieces of any size. A
 * line is passed on when it is complete, or when more of it has come than is kept. Used by one
 * thread.
 */
final class LogLines {

    private static final int BLOCK = 64 << 10;

    /** What comes before the text of a line has some 50 bytes. A line that has more before its third blank is none of the CRI. */
    static final int MAX_HEAD = 256;

    /**
     * How many bytes of a line are kept until its end comes: twice the length at which runtimes split lines. A runtime that
     * does not split them passes on a line of any length that a container wrote.
     */
    static final int MAX_KEPT = 32 << 10;

    /** What follows in the input. */
    private enum Part {
        HEAD,
        TEXT,
        OTHER_FORMAT
    }

    private final OutputStream out;
    private final boolean timestamps;
    private final Optional<Instant> oldest;
    private final byte[] head = new byte[MAX_HEAD];
    private int headLength;
    private int blanks;
    private Part part = Part.HEAD;
    private final ByteArrayOutputStream kept = new ByteArrayOutputStream();
    /** Whether the beginning of the present line was passed on. */
    private boolean begun;

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
        while (from < length) {
            from = part == Part.HEAD ? takeHead(bytes, from, length) : takeText(bytes, from, length);
        }
    }

    /** Drops a line whose end is missing, because the file was truncated. */
    void discardPending() throws IOException {
        kept.reset();
        if (begun) {
            out.write('\n');
        }
        begun = false;
        part = Part.HEAD;
        headLength = 0;
        blanks = 0;
        lineContinues = false;
        skipped = false;
    }

    /** Accepts the end of the file, whose last line is incomplete after a crash. */
    void end() throws IOException {
        if (part == Part.HEAD && headLength > 0) {
            beginLine();
        }
        if (part != Part.HEAD) {
            endLine();
        }
    }

    /** Takes bytes until it is known what line this is; returns the index of the next one. */
    private int takeHead(byte[] bytes, int from, int length) throws IOException {
        for (int i = from; i < length; i++) {
            if (bytes[i] == '\n') {
                beginLine();
                endLine();
                return i + 1;
            }
            head[headLength++] = bytes[i];
            blanks += bytes[i] == ' ' ? 1 : 0;
            if (blanks == 3 || headLength == MAX_HEAD) {
                beginLine();
                return i + 1;
            }
        }
        return length;
    }

    private int takeText(byte[] bytes, int from, int length) throws IOException {
        int end = from;
        while (end < length && bytes[end] != '\n') {
            end++;
        }
        if (part == Part.OTHER_FORMAT || !skipped) {
            keep(bytes, from, end - from);
        }
        if (end < length) {
            endLine();
        }
        return end + 1;
    }

    private void keep(byte[] bytes, int from, int length) throws IOException {
        if (begun || kept.size() + length > MAX_KEPT) {
            begun = true;
            kept.writeTo(out);
            kept.reset();
            out.write(bytes, from, length);
        } else {
            kept.write(bytes, from, length);
        }
    }

    private void beginLine() throws IOException {
        int afterTime = indexAfterBlank(0);
        int afterStream = indexAfterBlank(afterTime);
        if (afterStream < 0 || !isTag(afterStream)) {
            part = Part.OTHER_FORMAT;
            keep(head, 0, headLength);
            return;
        }
        part = Part.TEXT;
        boolean continuation = lineContinues;
        lineContinues = head[afterStream] == 'P';
        if (oldest.isPresent() && !continuation) {
            skipped = isOlder(afterTime - 1, oldest.get());
        }
        if (!skipped && timestamps && !continuation) {
            keep(head, 0, afterTime);
        }
    }

    private void endLine() throws IOException {
        kept.writeTo(out);
        kept.reset();
        begun = false;
        if (part == Part.OTHER_FORMAT || !(skipped || lineContinues)) {
            out.write('\n');
        }
        part = Part.HEAD;
        headLength = 0;
        blanks = 0;
    }

    /** Whether a line was written before a time; false if its time is malformed. */
    private boolean isOlder(int length, Instant than) {
        try {
            return Instant.parse(new String(head, 0, length, StandardCharsets.US_ASCII))
                    .isBefore(than);
        } catch (DateTimeParseException _) {
            return false;
        }
    }

    private boolean isTag(int at) {
        boolean known = at < headLength && (head[at] == 'F' || head[at] == 'P');
        return known && (at + 1 == headLength || head[at + 1] == ' ' || head[at + 1] == ':');
    }

    /** The index after the next blank; -1 if there is none, or {@code from} is -1. */
    private int indexAfterBlank(int from) {
        for (int i = from; from >= 0 && i < headLength; i++) {
            if (head[i] == ' ') {
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
