/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.logging;

import java.io.PrintWriter;
import java.io.StringWriter;
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
    private final String shortName;

    LineLogger(String name, Level lowest) {
        this.name = name;
        this.shortName = name.substring(name.lastIndexOf('.') + 1);
        this.lowest = lowest;
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
        byte[] line = line(
                        Instant.now(), level, shortName, MessageFormatter.basicArrayFormat(pattern, arguments), thrown)
                .getBytes(StandardCharsets.UTF_8);
        System.err.write(line, 0, line.length);
        System.err.flush();
    }

    /**
     * Formats a line with its line break, followed by the stack trace of {@code thrown} if it is
     * not null.
     */
    static String line(Instant time, Level level, String logger, String message, @Nullable Throwable thrown) {
        StringBuilder line = new StringBuilder(message.length() + 64);
        UtcTime.append(line, time);
        line.append(' ')
                .append(level)
                .append(' ')
                .append(logger)
                .append(" - ")
                .append(message)
                .append('\n');
        if (thrown != null) {
            StringWriter trace = new StringWriter();
            thrown.printStackTrace(new PrintWriter(trace, true));
            line.append(trace);
        }
        return line.toString();
    }
}
