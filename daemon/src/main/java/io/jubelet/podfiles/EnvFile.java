/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.podfiles;

import io.jubelet.node.SafeDirectory;
import io.jubelet.node.SecureDirectories;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

/**
 * Reads a file of lines {@code NAME='value'} that one container wrote for another one.
 *
 * <p>Source: the Kubernetes page on environment variables from files. The text between the quotes
 * is the value, including line ends. Blank lines and lines that start with {@code #} are skipped.
 * The container is not trusted: no symbolic link is followed, only a regular file is opened, and at
 * most {@value #MAX_BYTES} bytes are read.
 */
public final class EnvFile {

    /**
     * The maximum size of a file in bytes: 256 KiB, which is twice the longest environment variable of
     * Linux. Each variable reads its file, and a container decides what is in it.
     */
    static final int MAX_BYTES = 256 << 10;

    private EnvFile() {}

    /**
     * The whole text; empty if there is no such file.
     *
     * @param volume the directory that contains the file
     * @param path relative to the directory
     * @param where describes the file in messages
     * @throws IOException if it is not a regular file, too large or outside of the directory; the
     *     message is for the user
     */
    public static Optional<String> read(SafeDirectory volume, String path, String where) throws IOException {
        try {
            return read(volume, Path.of(path).normalize(), where);
        } catch (NoSuchFileException _) {
            return Optional.empty();
        }
    }

    private static Optional<String> read(SafeDirectory from, Path relative, String where) throws IOException {
        String name = relative.getName(0).toString();
        if (relative.isAbsolute() || !SecureDirectories.isPlainName(name)) {
            throw new IOException(where + " is not inside of the volume");
        }
        if (relative.getNameCount() > 1) {
            try (SafeDirectory inner = from.enter(name)) {
                return read(inner, relative.subpath(1, relative.getNameCount()), where);
            }
        }
        try (SafeDirectory.Opened file = open(from, name, where)) {
            long size = file.channel().size();
            if (size > MAX_BYTES) {
                throw new IOException(where + " is larger than " + MAX_BYTES + " bytes");
            }
            ByteBuffer bytes = ByteBuffer.allocate((int) size);
            while (bytes.hasRemaining() && file.channel().read(bytes) >= 0) {
                // until all is read
            }
            String text = new String(bytes.array(), 0, bytes.position(), StandardCharsets.UTF_8);
            return Optional.of(text.replace("\r\n", "\n"));
        }
    }

    private static SafeDirectory.Opened open(SafeDirectory from, String name, String where) throws IOException {
        try {
            return from.open(name, StandardOpenOption.READ);
        } catch (NoSuchFileException e) {
            throw e;
        } catch (FileSystemException e) {
            throw new IOException(where + " " + e.getReason(), e);
        }
    }

    /**
     * The first value of a name; empty if it has none or the value is empty.
     *
     * @param where describes the file in messages
     * @throws IOException if a line before it is malformed; the message is for the user
     */
    public static Optional<String> value(String text, String key, String where) throws IOException {
        int line = 0;
        int at = 0;
        while (at < text.length()) {
            line++;
            int end = lineEnd(text, at);
            int begin = skipBlanks(text, at, end);
            at = end + 1;
            if (begin == end || text.charAt(begin) == '#') {
                continue;
            }
            int equals = text.indexOf('=', begin);
            if (equals < 0 || equals >= end) {
                throw malformed(where, line, "missing '='");
            }
            String name = text.substring(begin, equals);
            if (name.isEmpty() || name.endsWith(" ") || name.endsWith("\t")) {
                throw malformed(where, line, "a name must stand directly before '='");
            }
            int quote = equals + 1;
            if (skipBlanks(text, quote, end) > quote) {
                // As in a shell, where what follows the blank is a command and the variable is
                // empty.
                if (name.equals(key)) {
                    return Optional.empty();
                }
                continue;
            }
            if (quote >= end || text.charAt(quote) != '\'') {
                throw malformed(where, line, "value must be enclosed in single quotes");
            }
            int close = text.indexOf('\'', quote + 1);
            if (close < 0) {
                throw malformed(where, line, "unclosed single quote");
            }
            end = lineEnd(text, close);
            int rest = skipBlanks(text, close + 1, end);
            if (rest < end && text.charAt(rest) != '#') {
                throw malformed(where, line, "unexpected content after closing quote");
            }
            String value = text.substring(quote + 1, close);
            if (name.equals(key)) {
                return value.isEmpty() ? Optional.empty() : Optional.of(value);
            }
            line += (int) value.chars().filter(c -> c == '\n').count();
            at = end + 1;
        }
        return Optional.empty();
    }

    /** The index of the end of the line that contains {@code from}. */
    private static int lineEnd(String text, int from) {
        int end = text.indexOf('\n', from);
        return end < 0 ? text.length() : end;
    }

    private static int skipBlanks(String text, int from, int end) {
        int at = from;
        while (at < end && (text.charAt(at) == ' ' || text.charAt(at) == '\t')) {
            at++;
        }
        return at;
    }

    private static IOException malformed(String where, int line, String what) {
        return new IOException(where + ", line " + line + ": " + what);
    }
}
