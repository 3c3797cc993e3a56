/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.archive;

import io.jubelet.archive.TarEntry.Owner;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.Objects;

/**
 * Writes a tar archive as a stream, in the format of GNU tar: that of busybox, too, which does not read the long names of pax.
 * For one thread.
 */
final class TarWriter {

    private static final int BLOCK = TarReader.BLOCK;
    private static final int NAME = 100;
    private static final int COPY = 64 << 10;

    private final OutputStream out;

    TarWriter(OutputStream out) {
        this.out = Objects.requireNonNull(out, "out");
    }

    /**
     * Writes an entry.
     *
     * @param content has at least {@link TarEntry#size} bytes, of which that many are read
     * @throws EOFException if there are fewer; the rest is written as zeros, so the archive stays whole
     */
    void write(TarEntry entry, InputStream content) throws IOException {
        byte[] name = entry.name().getBytes(StandardCharsets.UTF_8);
        byte[] link = entry.link().getBytes(StandardCharsets.UTF_8);
        if (name.length > NAME) {
            longName('L', name);
        }
        if (link.length > NAME) {
            longName('K', link);
        }
        byte type = switch (entry.kind()) {
            case FILE -> '0';
            case HARD_LINK -> '1';
            case SYMBOLIC_LINK -> '2';
            case DIRECTORY -> '5';
            case OTHER -> throw new IllegalArgumentException("cannot be written: " + entry.name());
        };
        head(name, type, entry, link);
        copy(entry, content);
    }

    private void copy(TarEntry entry, InputStream content) throws IOException {
        byte[] block = new byte[(int) Math.min(COPY, entry.size() + BLOCK)];
        long left = entry.size();
        boolean early = false;
        while (left > 0) {
            int read = early ? -1 : content.read(block, 0, (int) Math.min(block.length, left));
            if (read < 0) {
                early = true;
                read = (int) Math.min(block.length, left);
                Arrays.fill(block, (byte) 0);
            }
            out.write(block, 0, read);
            left -= read;
        }
        out.write(new byte[(int) ((BLOCK - entry.size() % BLOCK) % BLOCK)]);
        if (early) {
            throw new EOFException(entry.name() + " became shorter while it was read");
        }
    }

    /** Writes the two blocks that end an archive. */
    void end() throws IOException {
        out.write(new byte[2 * BLOCK]);
        out.flush();
    }

    private void longName(char type, byte[] name) throws IOException {
        TarEntry entry = new TarEntry("././@LongLink", TarEntry.Kind.FILE, 0, Owner.ROOT, name.length + 1L, 0, "");
        head(entry.name().getBytes(StandardCharsets.UTF_8), (byte) type, entry, new byte[0]);
        out.write(name);
        out.write(new byte[BLOCK - name.length % BLOCK]);
    }

    private void head(byte[] name, byte type, TarEntry entry, byte[] link) throws IOException {
        byte[] head = new byte[BLOCK];
        System.arraycopy(name, 0, head, 0, Math.min(NAME, name.length));
        number(head, 100, 8, entry.mode());
        number(head, 108, 8, entry.owner().user());
        number(head, 116, 8, entry.owner().group());
        number(head, 124, 12, entry.size());
        number(head, 136, 12, Math.max(0, entry.modified()));
        head[156] = type;
        System.arraycopy(link, 0, head, 157, Math.min(NAME, link.length));
        text(head, 257, "ustar  ");
        text(head, 148, String.format(Locale.ROOT, "%06o\0 ", TarReader.sum(head)));
        out.write(head);
    }

    /** An octal number with a zero byte behind it, or a binary one if it is too large for that. */
    private static void number(byte[] head, int offset, int length, long value) {
        String octal = Long.toOctalString(value);
        if (octal.length() < length) {
            text(head, offset, "0".repeat(length - 1 - octal.length()) + octal);
            return;
        }
        long rest = value;
        for (int i = offset + length - 1; i > offset; i--) {
            head[i] = (byte) rest;
            rest >>= 8;
        }
        head[offset] = (byte) 0x80;
    }

    private static void text(byte[] head, int offset, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(bytes, 0, head, offset, bytes.length);
    }
}
