/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.http;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;

/**
 * The response of a server.
 *
 * @param status three digits
 * @param location the value of the header {@code Location}; empty if it is absent or has no value
 * @param body its first 10 KiB as UTF-8
 */
public record HttpResult(int status, Optional<String> location, String body) {

    /** Source: the limit of the kubelet for what it reads of a response. */
    private static final int MAX_BODY = 10 * 1024;

    /**
     * The maximum size of status line, headers and chunk sizes together, in bytes: 1 MiB, the
     * default of Go's server. They are not kept.
     */
    static final int MAX_HEAD = 1 << 20;

    /**
     * How many bytes are kept of one line. The rest is skipped, unless the line is a header that is
     * needed. Long cookies do no harm, and a URL of this length is longer than servers accept.
     */
    static final int MAX_LINE = 8 << 10;

    /** Whether it is a redirect with a location. */
    boolean redirects() {
        return switch (status) {
            case 301, 302, 303, 307, 308 -> location.isPresent();
            default -> false;
        };
    }

    /**
     * Reads one response to a GET, skipping provisional responses. Only the start of a long body is
     * read.
     */
    static HttpResult read(InputStream in) throws IOException {
        Head head = new Head(in);
        head.read();
        while (head.status >= 100 && head.status < 200 && head.status != 101) {
            head.read();
        }
        return new HttpResult(head.status, head.location, head.body());
    }

    /** Reads a response piece by piece. Used once. */
    private static final class Head {

        private final InputStream in;
        private int bytes;
        /** Whether the last line was longer than what was kept of it. */
        private boolean lineCut;

        private int status;
        private Optional<String> location = Optional.empty();
        private long length;
        private boolean chunked;

        Head(InputStream in) {
            this.in = in;
        }

        void read() throws IOException {
            status = status(line());
            location = Optional.empty();
            length = -1;
            chunked = false;
            for (String line = line(); !line.isEmpty(); line = line()) {
                int colon = line.indexOf(':');
                if (colon <= 0) {
                    throw new IOException("malformed HTTP header \"" + shown(line) + "\"");
                }
                String name = line.substring(0, colon).toLowerCase(Locale.ROOT);
                String value = line.substring(colon + 1).strip();
                switch (name) {
                    case "location" -> location = value.isEmpty() ? Optional.empty() : Optional.of(whole(name, value));
                    case "content-length" -> length = number(whole(name, value), 10);
                    case "transfer-encoding" -> chunked = whole(name, value).equalsIgnoreCase("chunked");
                    default -> {} // not needed
                }
            }
        }

        private String whole(String name, String value) throws IOException {
            if (lineCut) {
                throw new IOException("HTTP response header " + name + " exceeded " + MAX_LINE + " bytes");
            }
            return value;
        }

        private static int status(String line) throws IOException {
            int space = line.indexOf(' ');
            boolean good = line.startsWith("HTTP/1.")
                    && space > 0
                    && line.length() >= space + 4
                    && (line.length() == space + 4 || line.charAt(space + 4) == ' ');
            if (!good) {
                throw new IOException("malformed HTTP response \"" + shown(line) + "\"");
            }
            return (int) number(line.substring(space + 1, space + 4), 10);
        }

        private static String shown(String line) {
            return line.length() > 60 ? line.substring(0, 60) + "..." : line;
        }

        private static long number(String digits, int radix) throws IOException {
            try {
                long value = Long.parseLong(digits, radix);
                if (value >= 0 && digits.charAt(0) != '+') {
                    return value;
                }
            } catch (NumberFormatException _) {
                // reported below, as negative numbers are
            }
            throw new IOException("malformed number \"" + shown(digits) + "\" in HTTP response");
        }

        private String line() throws IOException {
            StringBuilder line = new StringBuilder(64);
            lineCut = false;
            for (int c = next(); c != '\n'; c = next()) {
                if (line.length() < MAX_LINE) {
                    line.append((char) c);
                } else {
                    lineCut |= c != '\r';
                }
            }
            int end = line.length();
            return line.substring(0, end > 0 && line.charAt(end - 1) == '\r' ? end - 1 : end);
        }

        private int next() throws IOException {
            int c = in.read();
            if (c < 0) {
                throw new EOFException(bytes == 0 ? "EOF" : "unexpected EOF");
            }
            if (++bytes > MAX_HEAD) {
                throw new IOException("HTTP response headers exceeded " + MAX_HEAD + " bytes");
            }
            return c;
        }

        private String body() throws IOException {
            byte[] body = new byte[MAX_BODY];
            int filled = 0;
            if (status == 101 || status == 204 || status == 304) {
                return "";
            }
            if (!chunked) {
                filled = fill(body, 0, length < 0 ? MAX_BODY : length, length >= 0);
                return new String(body, 0, filled, StandardCharsets.UTF_8);
            }
            for (long chunk = chunk(); chunk > 0 && filled < MAX_BODY; chunk = chunk()) {
                filled += fill(body, filled, chunk, true);
                if (filled < MAX_BODY && !line().isEmpty()) {
                    throw new IOException("malformed chunked encoding");
                }
                if (filled == MAX_BODY) {
                    break;
                }
            }
            return new String(body, 0, filled, StandardCharsets.UTF_8);
        }

        private long chunk() throws IOException {
            String line = line();
            int extension = line.indexOf(';');
            return number((extension < 0 ? line : line.substring(0, extension)).strip(), 16);
        }

        /** Reads {@code wanted} bytes, or as many as there is room for. */
        private int fill(byte[] body, int from, long wanted, boolean exactly) throws IOException {
            int most = (int) Math.min(wanted, body.length - from);
            int filled = in.readNBytes(body, from, most);
            if (exactly && filled < most) {
                throw new EOFException("unexpected EOF");
            }
            return filled;
        }
    }
}
