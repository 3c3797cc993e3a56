/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cli;

import io.jubelet.boot.Daemon;
import io.jubelet.config.FlagParser;
import io.jubelet.config.FlagValues;
import io.jubelet.config.Settings;
import io.jubelet.logging.LogProvider;
import java.util.Arrays;
import java.util.Optional;
import org.slf4j.event.Level;

/**
 * The entry of the program. Flags of {@code run} are read by {@link FlagParser}, and everything else by Picocli.
 *
 * <p>A daemon runs for years, and Picocli with the model of a command line would stay in its memory: 4 MB, and a fifth of the
 * time to start. So Picocli is loaded for {@code run} only when something has to be explained.
 */
public final class Main {

    private static final String API_SOCKET_VARIABLE = "JUBELET_API_SOCKET";

    private Main() {}

    /** Runs the command that the arguments name, and exits with its code. */
    public static void main(String[] arguments) {
        Optional<FlagValues> flags = flagsOfDaemon(arguments);
        System.exit(flags.isPresent() ? daemon(flags.get()) : JubeletCommand.run(arguments, Main::daemon));
    }

    /** The flags of {@code run} when nothing has to be explained; otherwise empty. */
    static Optional<FlagValues> flagsOfDaemon(String... arguments) {
        if (arguments.length == 0 || !arguments[0].equals("run")) {
            return Optional.empty();
        }
        FlagParser.Result result = FlagParser.parse(Arrays.asList(arguments).subList(1, arguments.length));
        return result.isRunnable() ? Optional.of(result.flags()) : Optional.empty();
    }

    private static int daemon(FlagValues given) {
        String socket = System.getenv(API_SOCKET_VARIABLE);
        FlagValues flags = socket == null ? given : given.withDefault(Settings.API_SOCKET, socket);
        // Before the first logger is made, which happens when the classes of the daemon are loaded.
        int verbosity = flags.verbosity();
        LogProvider.choose(verbosity >= 4 ? Level.TRACE : verbosity >= 2 ? Level.DEBUG : Level.INFO);
        return Daemon.run(flags);
    }
}
