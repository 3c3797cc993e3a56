/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.podfiles;

import io.jubelet.node.SecureDirectories;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SecureDirectoryStream;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributeView;
import java.util.Optional;
import java.util.Set;

/**
 * Reads a file of lines {@code NAME='value'} that one container wrote for another one.
 *
 * <p>Source: the Kubernetes page on environment variables from files. The text between the quotes
 * is the value, including line ends. Blank lines and lines that start with {@code #} are skipped.
 * The container is not trusted: no symbolic link is followed, only a regular file is opened, and at
 * most {@value #MAX_BYTES} bytes are read.
 */
public final class EnvFile {

    private static final int MAX_BYTES = 1 << 20;

    private EnvFile() {}

    /**
     * The whole text; empty if there is no such file.
     *
     * @param path relative to the directory
     * @param where describes the file in messages
     * @throws IOException if it is not a regular file, too large or outside of the directory; the
     *     message is for the user
     */
    public static Optional<String> read(Path directory, String path, String where) throws IOException {
        Path relative = Path.of(path).normalize();
        try (SecureDirectoryStream<Path> start = SecureDirectories.open(directory)) {
            return read(start, relative, where);
        } catch (NoSuchFileException _) {
            return Optional.empty();
        }
    }

    private static Optional<String> read(SecureDirectoryStream<Path> from, Path relative, String where)
            throws IOException {
        Path name = relative.getName(0);
        if (relative.isAbsolute() || !SecureDirectories.isPlainName(name.toString())) {
            throw new IOException(where + " is not inside of the volume");
        }
        if (relative.getNameCount() > 1) {
            try (SecureDirectoryStream<Path> inner = SecureDirectories.enter(from, name)) {
                return read(inner, relative.subpath(1, relative.getNameCount()), where);
            }
        }
        boolean regular = from.getFileAttributeView(name, BasicFileAttributeView.class, LinkOption.NOFOLLOW_LINKS)
                .readAttributes()
                .isRegularFile();
        if (!regular) {
            throw new IOException(where + " is not a regular file");
        }
        try (SeekableByteChannel file =
                from.newByteChannel(name, Set.of(StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS))) {
            if (file.size() > MAX_BYTES) {
                throw new IOException(where + " is larger than " + MAX_BYTES + " bytes");
            }
            ByteBuffer bytes = ByteBuffer.allocate((int) file.size());
            while (bytes.hasRemaining() && file.read(bytes) >= 0) {
                // until all is read
            }
            String text = StandardCharsets.UTF_8.decode(bytes.flip()).toString();
            return Optional.of(text.replace("\r\n", "\n"));
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
