package io.jubelet.cli;

import io.jubelet.boot.Daemon;
import io.jubelet.config.RunOptions;
import io.jubelet.logging.LogProvider;
import java.util.Arrays;
import java.util.Optional;
import org.slf4j.event.Level;

/**
 * The entry of the program.
 *
 * <p>A daemon lives for years, and Picocli with the model of a command line would live with it: 4 MB, and a fifth of the
 * time to start. So flags of {@code run} in which nothing is wrong are read without it; everything else is Picocli's,
 * which knows the help and the errors.
 */
public final class Main {

    private Main() {}

    /** Runs the command that the arguments name, and exits with its code. */
    public static void main(String[] arguments) {
        Optional<RunOptions> run = arguments.length > 0 && arguments[0].equals("run")
                ? RunFlags.parse(Arrays.asList(arguments).subList(1, arguments.length), System.getenv())
                : Optional.empty();
        System.exit(run.isPresent() ? daemon(run.get()) : JubeletCommand.run(arguments, Main::daemon));
    }

    /** The log level has to be known before the first logger is made, which the daemon's classes do when loaded. */
    private static int daemon(RunOptions options) {
        int verbosity = options.verbosity().orElse(0);
        LogProvider.choose(verbosity >= 4 ? Level.TRACE : verbosity >= 2 ? Level.DEBUG : Level.INFO);
        return Daemon.run(options);
    }
}
