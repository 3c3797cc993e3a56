package io.jubelet.logging;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.slf4j.ILoggerFactory;
import org.slf4j.IMarkerFactory;
import org.slf4j.event.Level;
import org.slf4j.helpers.BasicMarkerFactory;
import org.slf4j.helpers.NOPMDCAdapter;
import org.slf4j.spi.MDCAdapter;
import org.slf4j.spi.SLF4JServiceProvider;

/** Made by SLF4J with the first logger. Any thread may use it. */
public final class LogProvider implements SLF4JServiceProvider {

    /** System property with the lowest level that is written, such as {@code debug}; {@code info} when it is not set. */
    public static final String LEVEL = "jubelet.log.level";

    /** What libraries tell below a warning is for their developers. */
    private static final String LIBRARY = "io.netty.";

    private final ConcurrentMap<String, LineLogger> loggers = new ConcurrentHashMap<>();
    private final Level lowest = lowest(System.getProperty(LEVEL, "info"));
    private final IMarkerFactory markers = new BasicMarkerFactory();
    private final MDCAdapter context = new NOPMDCAdapter();

    /** Has SLF4J take this provider without searching the class path, which opens every archive on it. */
    public static void choose(Level lowest) {
        System.setProperty(LEVEL, lowest.name());
        System.setProperty("slf4j.provider", LogProvider.class.getName());
    }

    static Level lowest(String name) {
        for (Level level : Level.values()) {
            if (level.name().equalsIgnoreCase(name)) {
                return level;
            }
        }
        return Level.INFO;
    }

    private LineLogger logger(String name) {
        return loggers.computeIfAbsent(name, n -> new LineLogger(n, n.startsWith(LIBRARY) ? Level.WARN : lowest));
    }

    @Override
    public void initialize() {
        // All is made with the object.
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
        return "2.0.99"; // as SLF4J asks of a provider for 2.0
    }
}
