/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cli;

import io.jubelet.boot.Daemon;
import io.jubelet.config.FlagValues;
import io.jubelet.config.Settings;
import io.jubelet.logging.LogProvider;
import java.util.Arrays;
import java.util.Optional;
import org.slf4j.event.Level;

/** The entry of the program. Flags of {@code run} are read by {@link RunFlags}, and everything else by Picocli. */
public final class Main {

    private static final String API_SOCKET_VARIABLE = "JUBELET_API_SOCKET";

    private Main() {}

    /** Runs the command that the arguments name, and exits with its code. */
    public static void main(String[] arguments) {
        Optional<FlagValues> run = arguments.length > 0 && arguments[0].equals("run")
                ? RunFlags.parse(Arrays.asList(arguments).subList(1, arguments.length))
                : Optional.empty();
        System.exit(run.isPresent() ? daemon(run.get()) : JubeletCommand.run(arguments, Main::daemon));
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
