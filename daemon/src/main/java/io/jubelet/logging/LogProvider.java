/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.logging;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.ILoggerFactory;
import org.slf4j.IMarkerFactory;
import org.slf4j.event.Level;
import org.slf4j.helpers.BasicMarkerFactory;
import org.slf4j.helpers.NOPMDCAdapter;
import org.slf4j.spi.MDCAdapter;
import org.slf4j.spi.SLF4JServiceProvider;

/**
 * The SLF4J provider of the daemon, created by SLF4J with the first logger. Safe for use by many
 * threads.
 */
public final class LogProvider implements SLF4JServiceProvider {

    /**
     * The system property with the lowest level that is written, such as {@code debug}; {@code
     * info} if it is not set.
     */
    public static final String LEVEL = "jubelet.log.level";

    /**
     * The prefix of loggers of libraries, whose messages below warnings are for their developers.
     */
    private static final String LIBRARY = "io.netty.";

    private final ConcurrentMap<String, LineLogger> loggers = new ConcurrentHashMap<>();
    private final Level lowest = lowest(System.getProperty(LEVEL, "info"));
    private final boolean journal = journal(System.getenv("JOURNAL_STREAM"), Path.of("/proc/self/fd/2"));
    private final IMarkerFactory markers = new BasicMarkerFactory();
    private final MDCAdapter context = new NOPMDCAdapter();

    /**
     * Makes SLF4J use this provider without searching the class path, which would open every
     * archive on it, and without logging that choice. Must be called before the first logger is
     * created.
     */
    public static void choose(Level lowest) {
        System.setProperty(LEVEL, lowest.name());
        System.setProperty("slf4j.provider", LogProvider.class.getName());
        System.setProperty("slf4j.internal.verbosity", "WARN");
    }

    static Level lowest(String name) {
        for (Level level : Level.values()) {
            if (level.name().equalsIgnoreCase(name)) {
                return level;
            }
        }
        return Level.INFO;
    }

    /**
     * Whether standard error is connected to the journal, as systemd.exec(5) says that a service sees
     * it.
     *
     * @param stream device and inode of the connection, from the environment; null outside a service
     */
    static boolean journal(@Nullable String stream, Path standardError) {
        if (stream == null) {
            return false;
        }
        try {
            String inode = stream.substring(stream.indexOf(':') + 1);
            return Files.readSymbolicLink(standardError).toString().equals("socket:[" + inode + "]");
        } catch (IOException _) {
            return false; // without /proc; lines with a time are right everywhere
        }
    }

    private LineLogger logger(String name) {
        return loggers.computeIfAbsent(
                name, n -> new LineLogger(n, n.startsWith(LIBRARY) ? Level.WARN : lowest, journal));
    }

    @Override
    public void initialize() {
        // Everything is created with the object.
    }

    @Override
    public ILoggerFactory getLoggerFactory() {
        return this::logger;
    }

    @Override
    public IMarkerFactory getMarkerFactory() {
        return markers;
    }

    @Override
    public MDCAdapter getMDCAdapter() {
        return context;
    }

    @Override
    public String getRequestedApiVersion() {
        return "2.0.99"; // as SLF4J requires of a provider for version 2.0
    }
}
