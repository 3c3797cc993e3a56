/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.printing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Text of a container on its way to a terminal. Colours pass; other control sequences and characters, which could move the
 * cursor, set the title, or hide and forge lines, are escaped as in Java. For one thread.
 */
public final class TerminalText {

    /** Longer than any sequence that sets colours. */
    private static final int MAX_SEQUENCE = 64;

    private static final char ESCAPE = '\u001b';

    /** An escape sequence or a carriage return whose end was not seen yet. */
    private final StringBuilder pending = new StringBuilder();

    /** Whether the standard output of this process is a terminal. */
    public static boolean isOutput() {
        try {
            String target = Files.readSymbolicLink(Path.of("/proc/self/fd/1")).toString();
            return target.startsWith("/dev/pts/") || target.startsWith("/dev/tty") || target.equals("/dev/console");
        } catch (IOException _) {
            return false;
        }
    }

    /** Returns what to print for the next characters of the text. */
    public String next(CharSequence text) {
        StringBuilder out = new StringBuilder(text.length() + 16);
        for (int i = 0; i < text.length(); i++) {
            next(out, text.charAt(i));
        }
        return out.toString();
    }

    /** Returns what to print for the end of the text. */
    public String end() {
        StringBuilder out = new StringBuilder();
        escapePending(out);
        return out.toString();
    }

    private void next(StringBuilder out, char c) {
        if (pending.isEmpty()) {
            begin(out, c);
            return;
        }
        if (pending.charAt(0) == '\r') {
            if (c == '\n') {
                pending.setLength(0); // how a process with a terminal ends its lines
            }
            escapePending(out);
            begin(out, c);
            return;
        }
        boolean goes = pending.length() == 1 ? c == '[' : (c >= '0' && c <= '9') || c == ';' || c == ':';
        if (goes && pending.length() < MAX_SEQUENCE) {
            pending.append(c);
        } else if (c == 'm' && pending.length() > 1) {
            out.append(pending).append(c);
            pending.setLength(0);
        } else {
            escapePending(out);
            begin(out, c);
        }
    }

    private void begin(StringBuilder out, char c) {
        if (c == ESCAPE || c == '\r') {
            pending.append(c);
        } else {
            append(out, c);
        }
    }

    private void escapePending(StringBuilder out) {
        for (int i = 0; i < pending.length(); i++) {
            append(out, pending.charAt(i));
        }
        pending.setLength(0);
    }

    private static void append(StringBuilder out, char c) {
        boolean shown = switch (Character.getType(c)) {
            case Character.CONTROL -> c == '\n' || c == '\t';
            case Character.FORMAT, Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR -> false;
            default -> true;
        };
        if (shown) {
            out.append(c);
        } else if (c == '\r') {
            out.append("\\r");
        } else {
            out.append("\\u");
            for (int shift = 12; shift >= 0; shift -= 4) {
                out.append(Character.forDigit(c >> shift & 0xf, 16));
            }
        }
    }
}
