/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.archive;

import io.jubelet.archive.TarEntry.Kind;
import io.jubelet.archive.TarEntry.Owner;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * Reads a tar archive as a stream: POSIX's ustar and pax, and what GNU tar and busybox write. Reads no more than it returns. For
 * one thread.
 *
 * <p>Source: POSIX.1-2017 on {@code pax}, and the manual of GNU tar on its formats.
 */
final class TarReader {

    static final int BLOCK = 512;
    /** Longer than the records of a name that Linux can open, which is 4096 bytes. */
    static final int MAX_RECORDS = 64 << 10;

    /** The longest path of Linux, {@code PATH_MAX}. */
    static final int MAX_NAME = 4096;

    private static final int COPY = 64 << 10;

    private final InputStream in;
    /** Bytes left of the content of the current entry, and then of its last block. */
    private long left;

    private long padding;

    TarReader(InputStream in) {
        this.in = Objects.requireNonNull(in, "in");
    }

    /** Skips what is left of the current entry, and reads the head of the next one; empty at the end of the archive. */
    Optional<TarEntry> next() throws IOException {
        copyTo(OutputStream.nullOutputStream());
        Map<String, String> records = new HashMap<>();
        while (true) {
            byte[] head = new byte[BLOCK];
            int read = in.readNBytes(head, 0, BLOCK);
            // The end is two blocks of zeros, but some writers leave them out.
            if (read == 0 || (read == BLOCK && isZero(head))) {
                in.transferTo(OutputStream.nullOutputStream());
                return Optional.empty();
            }
            if (read < BLOCK) {
                throw new EOFException("the archive ends early");
            }
            checkSum(head);
            begin(number(head, 124, 12));
            switch (head[156]) {
                case 'L' -> records.put("path", text());
                case 'K' -> records.put("linkpath", text());
                case 'x' -> pax(records);
                case 'g' -> copyTo(OutputStream.nullOutputStream());
                default -> {
                    return Optional.of(entry(head, records));
                }
            }
        }
    }

    private TarEntry entry(byte[] head, Map<String, String> records) throws IOException {
        String name = records.get("path");
        if (name == null) {
            boolean posix = head[257] == 'u' && head[262] == 0;
            String prefix = posix ? string(head, 345, 155) : "";
            name = (prefix.isEmpty() ? "" : prefix + "/") + string(head, 0, 100);
        }
        String link = records.getOrDefault("linkpath", string(head, 157, 100));
        if (name.indexOf('\0') >= 0 || link.indexOf('\0') >= 0) {
            throw new IOException("the archive has a name with a zero byte");
        }
        if (name.length() > MAX_NAME || link.length() > MAX_NAME) {
            throw new IOException("the archive has a name of more than " + MAX_NAME + " characters");
        }
        Kind kind = kind(head[156], name);
        String size = records.get("size");
        begin(kind == Kind.FILE || kind == Kind.OTHER ? size == null ? left : decimal(size) : 0);
        return new TarEntry(
                name,
                kind,
                (int) (number(head, 100, 8) & 07777),
                new Owner(number(head, 108, 8), number(head, 116, 8)),
                left,
                number(head, 136, 12),
                kind == Kind.SYMBOLIC_LINK || kind == Kind.HARD_LINK ? link : "");
    }

    private static Kind kind(byte type, String name) {
        return switch (type) {
            // Before POSIX, a directory was a file whose name ends with a slash.
            case '0', 0 -> name.endsWith("/") ? Kind.DIRECTORY : Kind.FILE;
            case '7' -> Kind.FILE;
            case '1' -> Kind.HARD_LINK;
            case '2' -> Kind.SYMBOLIC_LINK;
            case '5' -> Kind.DIRECTORY;
            default -> Kind.OTHER;
        };
    }

    private void begin(long size) throws IOException {
        if (size < 0 || size > Long.MAX_VALUE - BLOCK) {
            throw new IOException("the archive has an entry of " + size + " bytes");
        }
        left = size;
        padding = (BLOCK - size % BLOCK) % BLOCK;
    }

    /** Copies what is left of the content of the current entry. */
    void copyTo(OutputStream out) throws IOException {
        byte[] block = new byte[(int) Math.min(COPY, left + padding)];
        while (left > 0) {
            int read = read(block, left);
            left -= read;
            out.write(block, 0, read);
        }
        while (padding > 0) {
            padding -= read(block, padding);
        }
    }

    private int read(byte[] block, long atMost) throws IOException {
        int read = in.read(block, 0, (int) Math.min(block.length, atMost));
        if (read < 0) {
            throw new EOFException("the archive ends early");
        }
        return read;
    }

    private byte[] content() throws IOException {
        if (left > MAX_RECORDS) {
            throw new IOException("the archive has a name or attributes of " + left + " bytes");
        }
        byte[] content = in.readNBytes((int) left);
        if (content.length < left) {
            throw new EOFException("the archive ends early");
        }
        left = 0;
        copyTo(OutputStream.nullOutputStream());
        return content;
    }

    /** A long name of GNU tar, which ends with a zero byte. */
    private String text() throws IOException {
        byte[] content = content();
        return string(content, 0, content.length);
    }

    /** Reads records of the form {@code LENGTH KEY=VALUE\n}, where the length counts all of the record. */
    private void pax(Map<String, String> records) throws IOException {
        byte[] content = content();
        int at = 0;
        while (at < content.length) {
            int space = at;
            while (space < content.length && content[space] != ' ') {
                space++;
            }
            long length = decimal(new String(content, at, space - at, StandardCharsets.US_ASCII));
            if (length <= space - at + 1 || length > content.length - at || content[at + (int) length - 1] != '\n') {
                throw new IOException("the archive has malformed attributes");
            }
            int end = at + (int) length;
            String record = new String(content, space + 1, end - space - 2, StandardCharsets.UTF_8);
            int equals = record.indexOf('=');
            if (equals < 0) {
                throw new IOException("the archive has malformed attributes");
            }
            records.put(record.substring(0, equals), record.substring(equals + 1));
            at = end;
        }
    }

    private static long decimal(String text) throws IOException {
        if (text.isEmpty() || text.length() > 18 || !text.chars().allMatch(c -> c >= '0' && c <= '9')) {
            throw new IOException("the archive has malformed attributes");
        }
        return Long.parseLong(text);
    }

    private static String string(byte[] bytes, int offset, int length) {
        int end = offset;
        while (end < offset + length && bytes[end] != 0) {
            end++;
        }
        return new String(bytes, offset, end - offset, StandardCharsets.UTF_8);
    }

    /** An octal number, or a binary one if its first bit is set, as GNU tar writes large ones. */
    private static long number(byte[] head, int offset, int length) throws IOException {
        if ((head[offset] & 0x80) != 0) {
            long value = head[offset] == (byte) 0xff ? -1 : head[offset] & 0x7f;
            for (int i = offset + 1; i < offset + length; i++) {
                if (value > Long.MAX_VALUE >> 8 || value < Long.MIN_VALUE >> 8) {
                    throw new IOException("the archive has a number that is too large");
                }
                value = (value << 8) | (head[i] & 0xff);
            }
            return value;
        }
        String text = string(head, offset, length).strip();
        if (!text.chars().allMatch(c -> c >= '0' && c <= '7')) {
            throw new IOException("the archive has a malformed number");
        }
        return text.isEmpty() ? 0 : Long.parseLong(text, 8);
    }

    private static boolean isZero(byte[] head) {
        return Arrays.equals(head, new byte[BLOCK]);
    }

    private static void checkSum(byte[] head) throws IOException {
        if (number(head, 148, 8) != sum(head)) {
            throw new IOException("this is no tar archive, or it is damaged");
        }
    }

    /** The sum of the bytes of a head, with spaces in the place of the sum. */
    static long sum(byte[] head) {
        long sum = 0;
        for (int i = 0; i < BLOCK; i++) {
            sum += i >= 148 && i < 156 ? ' ' : head[i] & 0xff;
        }
        return sum;
    }
}
