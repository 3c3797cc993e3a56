/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.api;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Locale;

/** The body of an HTTP/1.1 response, unchunked; reading it blocks until the server sends more. */
final class HttpBody extends InputStream {

    private static final int MAX_LINE = 16 * 1024;

    private final InputStream in;
    private final int code;
    private final boolean chunked;
    /** Bytes left of the body or of the chunk; -1 if the body ends with the connection. */
    private long left;

    private boolean firstChunk = true;
    private boolean ended;

    private HttpBody(InputStream in, int code, boolean chunked, long left) {
        this.in = in;
        this.code = code;
        this.chunked = chunked;
        this.left = left;
    }

    /** Reads the head of a response. */
    static HttpBody read(InputStream raw) throws IOException {
        InputStream in = new BufferedInputStream(raw, 16 * 1024);
        String[] status = line(in).split(" ", 3);
        if (status.length < 2 || !status[0].startsWith("HTTP/1.")) {
            throw new IOException("not an HTTP server");
        }
        boolean chunked = false;
        long length = -1;
        for (String header = line(in); !header.isEmpty(); header = line(in)) {
            int colon = header.indexOf(':');
            String name = header.substring(0, Math.max(colon, 0)).toLowerCase(Locale.ROOT);
            String value = header.substring(colon + 1).strip();
            switch (name) {
                case "content-length" -> length = number(value, 10);
                case "transfer-encoding" -> chunked = value.equalsIgnoreCase("chunked");
                default -> {
                    // No other header changes how the body is read.
                }
            }
        }
        return new HttpBody(in, (int) number(status[1], 10), chunked, chunked ? 0 : length);
    }

    int code() {
        return code;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        if (chunked && left == 0 && !ended) {
            nextChunk();
        }
        if (left == 0) {
            return -1;
        }
        int read = in.read(bytes, offset, left < 0 ? length : (int) Math.min(length, left));
        if (read < 0 && left > 0) {
            throw new EOFException("the response ended early");
        }
        if (left > 0) {
            left -= read;
        }
        return read;
    }

    private void nextChunk() throws IOException {
        if (!firstChunk && !line(in).isEmpty()) {
            throw new IOException("malformed chunk");
        }
        firstChunk = false;
        String size = line(in);
        int extension = size.indexOf(';');
        left = number(extension < 0 ? size : size.substring(0, extension), 16);
        ended = left == 0;
    }

    private static long number(String text, int radix) throws IOException {
        try {
            return Long.parseUnsignedLong(text.strip(), radix);
        } catch (NumberFormatException malformed) {
            throw new IOException("malformed response", malformed);
        }
    }

    private static String line(InputStream in) throws IOException {
        StringBuilder line = new StringBuilder(64);
        for (int c = in.read(); c != '\n'; c = in.read()) {
            if (c < 0) {
                throw new EOFException("the response ended early");
            }
            if (line.length() > MAX_LINE) {
                throw new IOException("malformed response");
            }
            line.append((char) c);
        }
        int end = line.length();
        return line.substring(0, end > 0 && line.charAt(end - 1) == '\r' ? end - 1 : end);
    }

    @Override
    public void close() throws IOException {
        in.close();
    }
}
