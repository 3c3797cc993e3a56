/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.logging;

import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;

/**
 * Text of others as part of the log. Messages quote what containers print and what manifests
 * contain, so a character in them must not end the line, change what a terminal shows, or begin
 * with a priority of the journal.
 *
 * <p>Written without {@link Throwable#printStackTrace()}, which prints messages as they are.
 */
final class LogText {

    /**
     * The longest line, in characters, which the journal stores as one entry. It splits a
     * line of more than 48 KiB (LineMax= of journald.conf(5)) and looks for a priority at the start
     * of each part, and a character has at most three bytes.
     */
    static final int MAX_LINE = 16_000;

    private LogText() {}

    /**
     * Appends one line without its end: control characters are escaped as in Java, and what is
     * longer than {@link #MAX_LINE} is cut.
     */
    static void append(StringBuilder out, String text) {
        int start = out.length();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (isHarmless(text, i)) {
                out.append(c);
            } else {
                escape(out, c);
            }
            if (out.length() - start > MAX_LINE) {
                String cut = "... (cut, " + text.length() + " characters in all)";
                out.setLength(start + MAX_LINE - cut.length());
                if (Character.isHighSurrogate(out.charAt(out.length() - 1))) {
                    out.setLength(out.length() - 1);
                }
                out.append(cut);
                return;
            }
        }
    }

    private static boolean isHarmless(String text, int i) {
        char c = text.charAt(i);
        if (c < 0x7f) {
            return c >= ' ';
        }
        if (Character.isSurrogate(c)) {
            return Character.isHighSurrogate(c)
                    ? i + 1 < text.length() && Character.isLowSurrogate(text.charAt(i + 1))
                    : i > 0 && Character.isHighSurrogate(text.charAt(i - 1));
        }
        return switch (Character.getType(c)) {
            // Format characters reverse the order in which a terminal shows text, or are invisible.
            case Character.CONTROL, Character.FORMAT, Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR -> false;
            default -> true;
        };
    }

    private static void escape(StringBuilder out, char c) {
        switch (c) {
            case '\n' -> out.append("\\n");
            case '\r' -> out.append("\\r");
            case '\t' -> out.append("\\t");
            default -> {
                out.append("\\u");
                for (int shift = 12; shift >= 0; shift -= 4) {
                    out.append(Character.forDigit(c >> shift & 0xf, 16));
                }
            }
        }
    }

    /**
     * Appends a stack trace in the format of {@link Throwable#printStackTrace()}.
     *
     * @param prefix before each line
     */
    static void appendTrace(StringBuilder out, String prefix, Throwable thrown) {
        Set<Throwable> seen = Collections.newSetFromMap(new IdentityHashMap<>());
        appendTrace(out, prefix, "", "", thrown, new StackTraceElement[0], seen);
    }

    private static void appendTrace(
            StringBuilder out,
            String prefix,
            String indent,
            String caption,
            Throwable thrown,
            StackTraceElement[] above,
            Set<Throwable> seen) {
        if (!seen.add(thrown)) {
            line(out, prefix, indent + caption, "[CIRCULAR REFERENCE: " + thrown + "]");
            return;
        }
        line(out, prefix, indent + caption, thrown.toString());
        StackTraceElement[] frames = thrown.getStackTrace();
        int own = frames.length;
        for (int i = above.length; own > 0 && i > 0 && frames[own - 1].equals(above[i - 1]); i--) {
            own--;
        }
        for (int i = 0; i < own; i++) {
            line(out, prefix, indent + "\tat ", frames[i].toString());
        }
        if (own < frames.length) {
            line(out, prefix, indent + "\t... ", frames.length - own + " more");
        }
        for (Throwable suppressed : thrown.getSuppressed()) {
            appendTrace(out, prefix, indent + "\t", "Suppressed: ", suppressed, frames, seen);
        }
        if (thrown.getCause() != null) {
            appendTrace(out, prefix, indent, "Caused by: ", thrown.getCause(), frames, seen);
        }
    }

    private static void line(StringBuilder out, String prefix, String lead, String text) {
        out.append(prefix).append(lead);
        append(out, text);
        out.append('\n');
    }
}
