/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.document;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of a stream of JSON: counts them, and reads or skips white space and strings. For one
 * thread.
 */
final class JsonBytes {

    private static final int BLOCK_BYTES = 8192;
    private static final int REPLACEMENT = 0xFFFD;

    private final InputStream in;
    private final byte[] block = new byte[BLOCK_BYTES];
    private final StringBuilder beginning = new StringBuilder();
    private final int beginningChars;
    private int position;
    private int end;
    /** The number of bytes before the block. */
    private long before;

    private long limit = Long.MAX_VALUE;
    private long limitBytes = Long.MAX_VALUE;
    private boolean atEnd;

    private @Nullable MessageDigest digest;
    /** Where the part of the block begins that the digest lacks. */
    private int digested;

    JsonBytes(InputStream in, int beginningChars) {
        this.in = Objects.requireNonNull(in, "in");
        this.beginningChars = beginningChars;
    }

    /** Limits how many bytes are read from now on. */
    void limit(long bytes) {
        limitBytes = bytes;
        limit = bytes > Long.MAX_VALUE - total() ? Long.MAX_VALUE : total() + bytes;
    }

    /** Returns how many bytes were read. */
    long total() {
        return before + position;
    }

    String beginning() {
        return beginning.toString();
    }

    /** Digests what follows, up to {@link #endDigest}, and the character that was read last. */
    void beginDigest(int last) {
        try {
            MessageDigest created = MessageDigest.getInstance("SHA-256");
            created.update((byte) last);
            digest = created;
            digested = position;
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    byte[] endDigest() {
        MessageDigest ended = Objects.requireNonNull(digest, "digest");
        ended.update(block, digested, position - digested);
        digest = null;
        return ended.digest();
    }

    /** Reads a byte; -1 at the end. */
    int read() throws IOException {
        return position < end || fill() ? block[position++] & 0xFF : -1;
    }

    /** Takes back the byte that was read last, unless that was the end. */
    void unread(int last) {
        if (last >= 0) {
            position--;
        }
    }

    private boolean fill() throws IOException {
        if (atEnd) {
            return false;
        }
        if (digest != null) {
            digest.update(block, digested, end - digested);
        }
        // The first byte of the block stays free, so that the last one can be taken back.
        before += end == 0 ? 0 : end - 1;
        if (end > 0) {
            block[0] = block[end - 1];
        }
        int from = end > 0 ? 1 : 0;
        position = from;
        end = from;
        digested = from;
        int left = (int) Math.min(block.length - from, limit - total());
        int n = left > 0 ? in.read(block, from, left) : in.read();
        if (left <= 0 && n >= 0) {
            throw new JsonStream.TooLargeException("more than " + limitBytes + " bytes");
        }
        if (n <= 0) {
            atEnd = true;
            return false;
        }
        end = from + n;
        for (int i = from; i < end && beginning.length() < beginningChars; i++) {
            char c = (char) (block[i] & 0xFF);
            beginning.append(c >= ' ' && c <= '~' ? c : c == '\n' ? ' ' : '?');
        }
        return true;
    }

    /** Skips white space and returns the byte after it; -1 at the end. */
    int skipSpace() throws IOException {
        int c = read();
        while (c == ' ' || c == '\n' || c == '\r' || c == '\t') {
            c = read();
        }
        return c;
    }

    /** Skips the rest of a string whose opening quote was read. */
    void skipString() throws IOException {
        for (int c = read(); c != '"'; c = read()) {
            if (c == '\\') {
                escape();
            } else if (c < ' ') {
                throw broken(c);
            }
        }
    }

    /**
     * Reads the rest of a string whose opening quote was read.
     *
     * @param into receives the string, or its beginning if it is longer
     * @param maxChars how many characters it receives at most
     * @return whether it is complete
     */
    boolean string(StringBuilder into, int maxChars) throws IOException {
        for (int c = read(); c != '"'; c = read()) {
            if (into.length() >= maxChars) {
                unread(c);
                skipString();
                return false;
            }
            if (c == '\\') {
                into.append(escape());
            } else if (c < ' ') {
                throw broken(c);
            } else if (c < 0x80) {
                into.append((char) c);
            } else {
                into.appendCodePoint(codePoint(c));
            }
        }
        return into.length() <= maxChars;
    }

    private static IOException broken(int c) {
        return c < 0 ? truncated() : new JsonStream.MalformedException("a string contains a control character");
    }

    static EOFException truncated() {
        return new EOFException("it ends in the middle of a value");
    }

    private char escape() throws IOException {
        int c = read();
        if (c < 0) {
            throw truncated();
        }
        return switch (c) {
            case '"', '\\', '/' -> (char) c;
            case 'b' -> '\b';
            case 'f' -> '\f';
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            case 'u' -> {
                int code = 0;
                for (int i = 0; i < 4; i++) {
                    int next = read();
                    if (next < 0) {
                        throw truncated();
                    }
                    int digit = hex(next);
                    if (digit < 0) {
                        throw new JsonStream.MalformedException("\\u in a string has no four hexadecimal digits");
                    }
                    code = code << 4 | digit;
                }
                yield (char) code;
            }
            default -> throw new JsonStream.MalformedException("a string contains an unknown escape");
        };
    }

    private static int hex(int c) {
        if (c >= '0' && c <= '9') {
            return c - '0';
        }
        int lower = c | 0x20;
        return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
    }

    /** Reads the rest of a UTF-8 sequence. */
    private int codePoint(int first) throws IOException {
        int more = first >= 0xF0 && first < 0xF5 ? 3 : first >= 0xE0 && first < 0xF0 ? 2 : first >= 0xC2 ? 1 : 0;
        if (more == 0 || first >= 0xF5) {
            return REPLACEMENT;
        }
        int code = first & (0x3F >> more);
        for (int i = 0; i < more; i++) {
            int c = read();
            if (c < 0x80 || c >= 0xC0) {
                unread(c);
                return REPLACEMENT;
            }
            code = code << 6 | (c & 0x3F);
        }
        boolean shorter = (more == 2 && code < 0x800) || (more == 3 && code < 0x10000);
        boolean surrogate = code >= Character.MIN_SURROGATE && code <= Character.MAX_SURROGATE;
        return shorter || surrogate || code > Character.MAX_CODE_POINT ? REPLACEMENT : code;
    }
}
