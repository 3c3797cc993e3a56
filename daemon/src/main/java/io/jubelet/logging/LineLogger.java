/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.logging;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.slf4j.Marker;
import org.slf4j.event.Level;
import org.slf4j.helpers.LegacyAbstractLogger;
import org.slf4j.helpers.MessageFormatter;

/**
 * Writes lines to standard error, each with one call, so that the lines of several threads do not
 * mix.
 */
final class LineLogger extends LegacyAbstractLogger {

    private static final long serialVersionUID = 1;

    private final Level lowest;
    private final boolean journal;
    private final String shortName;

    /** @param journal whether the lines go to the journal of systemd, which notes the time itself */
    LineLogger(String name, Level lowest, boolean journal) {
        this.name = name;
        this.shortName = name.substring(name.lastIndexOf('.') + 1);
        this.lowest = lowest;
        this.journal = journal;
    }

    private boolean writes(Level level) {
        return level.toInt() >= lowest.toInt();
    }

    @Override
    public boolean isTraceEnabled() {
        return writes(Level.TRACE);
    }

    @Override
    public boolean isDebugEnabled() {
        return writes(Level.DEBUG);
    }

    @Override
    public boolean isInfoEnabled() {
        return writes(Level.INFO);
    }

    @Override
    public boolean isWarnEnabled() {
        return writes(Level.WARN);
    }

    @Override
    public boolean isErrorEnabled() {
        return writes(Level.ERROR);
    }

    @Override
    protected @Nullable String getFullyQualifiedCallerName() {
        return null; // lines do not show the place in the code
    }

    @Override
    protected void handleNormalizedLoggingCall(
            Level level, Marker marker, String pattern, Object[] arguments, @Nullable Throwable thrown) {
        String message = MessageFormatter.basicArrayFormat(pattern, arguments);
        byte[] line = (journal
                        ? journalLines(level, shortName, message, thrown)
                        : line(Instant.now(), level, shortName, message, thrown))
                .getBytes(StandardCharsets.UTF_8);
        System.err.write(line, 0, line.length);
        System.err.flush();
    }

    /**
     * Formats a line with its line break, followed by the stack trace of {@code thrown} if it is
     * not null. Control characters of the message and of exceptions are escaped.
     */
    static String line(Instant time, Level level, String logger, String message, @Nullable Throwable thrown) {
        StringBuilder line = new StringBuilder(message.length() + 64);
        UtcTime.append(line, time);
        line.append(' ').append(level).append(' ').append(logger).append(" - ");
        LogText.append(line, message);
        line.append('\n');
        if (thrown != null) {
            LogText.appendTrace(line, "", thrown);
        }
        return line.toString();
    }

    /**
     * Formats a line for the journal in the same way: without a time, and each line with the priority before it that
     * sd-daemon(3) describes. The journal stores the lines of a stack trace as entries of their own.
     */
    static String journalLines(Level level, String logger, String message, @Nullable Throwable thrown) {
        String prefix = "<" + priority(level) + ">";
        StringBuilder lines = new StringBuilder(message.length() + 64);
        lines.append(prefix).append(logger).append(" - ");
        LogText.append(lines, message);
        lines.append('\n');
        if (thrown != null) {
            LogText.appendTrace(lines, prefix, thrown);
        }
        return lines.toString();
    }

    /** The number of syslog(3). */
    private static int priority(Level level) {
        return switch (level) {
            case ERROR -> 3;
            case WARN -> 4;
            case INFO -> 6;
            case DEBUG, TRACE -> 7;
        };
    }
}
