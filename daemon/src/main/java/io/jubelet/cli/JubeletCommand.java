package io.jubelet.cli;

import io.jubelet.api.ClientException;
import io.jubelet.config.FlagValues;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.function.ToIntFunction;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.UnmatchedArgumentException;

/** The program: finds the command that is meant and runs it. */
@Command(
        name = "jubelet",
        mixinStandardHelpOptions = true,
        versionProvider = JubeletCommand.Version.class,
        header = "Keeps the pods of a directory of manifests running, without an API server.",
        synopsisSubcommandLabel = "COMMAND",
        footerHeading = "%nExamples:%n",
        footer = {
            "  jubelet get pods                what runs, and what does not and why",
            "  jubelet get manifests           every file of the manifest directory and what became of it",
            "  jubelet get events              what happened to the pods",
            "  jubelet describe pod web        everything about one pod",
            "  jubelet logs web -f             what it writes",
            "  jubelet help get pods           more on one command",
            "",
            "Exit code: 0 done, 1 error, 2 wrong usage.",
            "Environment: JUBELET_API_SOCKET names the socket of the daemon; --api-socket=PATH does so for one command."
        })
final class JubeletCommand implements Runnable {

    private final Terminal terminal;
    private final ToIntFunction<FlagValues> daemon;

    @Spec
    private CommandSpec spec;

    /** A program that prints to {@code terminal} and whose {@code run} calls {@code daemon} for the exit code. */
    JubeletCommand(Terminal terminal, ToIntFunction<FlagValues> daemon) {
        this.terminal = terminal;
        this.daemon = daemon;
    }

    /**
     * Runs the command that the arguments name.
     *
     * @param daemon runs the daemon until it is stopped, and gives the exit code
     * @return 0 done, 1 error, 2 wrong usage
     */
    static int run(String[] arguments, ToIntFunction<FlagValues> daemon) {
        PrintStream out = new PrintStream(new FileOutputStream(FileDescriptor.out), false, StandardCharsets.UTF_8);
        Terminal terminal = new Terminal(out, System.err, InstantSource.system());
        int code = new JubeletCommand(terminal, daemon).execute(arguments);
        out.flush();
        return code;
    }

    /** Runs the command that the arguments name and gives its exit code. */
    int execute(String... given) {
        Given words = Given.of(given);
        CommandLine root = new CommandLine(this);
        Map<String, Supplier<CommandLine>> commands = commands(Optional.ofNullable(words.socket()));
        // Picocli reads a command by reflection: reading only the one that is meant halves the time to start.
        if (words.rest().length > 0 && commands.containsKey(words.rest()[0])) {
            root.addSubcommand(commands.get(words.rest()[0]).get());
        } else {
            commands.values().forEach(command -> root.addSubcommand(command.get()));
            root.addSubcommand(new HelpCommand());
        }
        if (words.socket() != null) {
            root.setDefaultValueProvider(option ->
                    option instanceof OptionSpec named && named.longestName().equals(Given.SOCKET)
                            ? words.socket()
                            : null);
        }
        return root.setOut(new PrintWriter(terminal.out(), true, StandardCharsets.UTF_8))
                .setErr(new PrintWriter(terminal.err(), true, StandardCharsets.UTF_8))
                .setColorScheme(CommandLine.Help.defaultColorScheme(CommandLine.Help.Ansi.OFF))
                .setUsageHelpWidth(110)
                .setParameterExceptionHandler((problem, _) -> wrongUsage(problem))
                .setExecutionExceptionHandler((problem, _, _) -> fail(problem))
                .execute(words.rest());
    }

    /** {@code --api-socket} belongs to the command, but people also write it before: it is then the default. */
    private record Given(String socket, String... rest) {

        static final String SOCKET = "--api-socket";

        static Given of(String... words) {
            if (words.length > 0 && words[0].startsWith(SOCKET + "=")) {
                return new Given(words[0].substring(SOCKET.length() + 1), Arrays.copyOfRange(words, 1, words.length));
            }
            return words.length > 1 && words[0].equals(SOCKET)
                    ? new Given(words[1], Arrays.copyOfRange(words, 2, words.length))
                    : new Given(null, words);
        }
    }

    /** Says what is wrong and where help is, rather than printing all of it: the first line is what matters. */
    private static int wrongUsage(ParameterException problem) {
        CommandLine command = problem.getCommandLine();
        PrintWriter err = command.getErr();
        boolean group = !command.getSubcommands().isEmpty();
        String message = problem.getMessage();
        if (problem instanceof UnmatchedArgumentException unmatched) {
            String word = unmatched.getUnmatched().getFirst();
            message = (word.startsWith("-") ? "unknown option " : group ? "unknown command " : "unexpected argument ")
                    + word;
        }
        err.println("error: " + Table.printable(message));
        if (UnmatchedArgumentException.printSuggestions(problem, err) || !group) {
            err.println("See " + command.getCommandSpec().qualifiedName() + " --help");
        } else {
            command.usage(err);
        }
        return CommandLine.ExitCode.USAGE;
    }

    private Map<String, Supplier<CommandLine>> commands(Optional<String> socket) {
        Map<String, Supplier<CommandLine>> commands = new LinkedHashMap<>();
        commands.put(
                "get",
                () -> group(
                                "get",
                                "Show pods, manifests or events.",
                                "  jubelet get pods -o wide",
                                "  jubelet get manifests",
                                "  jubelet get events --for pod/web")
                        .addSubcommand(command(new GetPods(terminal)))
                        .addSubcommand(command(new GetManifests(terminal)))
                        .addSubcommand(command(new GetEvents(terminal))));
        commands.put(
                "describe",
                () -> group("describe", "Show everything about one pod.", "  jubelet describe pod web")
                        .addSubcommand(command(new DescribePod(terminal))));
        commands.put("logs", () -> command(new Logs(terminal)));
        commands.put("run", () -> command(Run.commandLine(daemon, socket)));
        commands.put("version", () -> command(new ShowVersion(terminal)));
        return commands;
    }

    private static CommandLine command(Object command) {
        CommandLine line = command instanceof CommandLine made ? made : new CommandLine(command);
        line.getCommandSpec().addOption(help());
        return line;
    }

    /** The option that every command has. */
    private static OptionSpec help() {
        return OptionSpec.builder("-h", "--help")
                .usageHelp(true)
                .description("Show this help.")
                .build();
    }

    /** A command that only has subcommands. */
    private static CommandLine group(String name, String header, String... examples) {
        CommandSpec[] self = new CommandSpec[1];
        self[0] = CommandSpec.wrapWithoutInspection((Runnable) () -> {
                    throw new ParameterException(self[0].commandLine(), name + " what?");
                })
                .name(name)
                .addOption(help());
        self[0].usageMessage()
                .header(header)
                .synopsisSubcommandLabel("WHAT")
                .footerHeading("%nExamples:%n")
                .footer(examples);
        return new CommandLine(self[0]);
    }

    private int fail(Exception problem) throws Exception {
        return switch (problem) {
            case ClientException told -> error(told.getMessage());
            case Names.NotFoundException told -> error(told.getMessage());
            case IOException broken -> error("the daemon's answer broke off: " + broken.getMessage());
            default -> throw problem;
        };
    }

    private int error(String message) {
        terminal.out().flush();
        terminal.err().println("error: " + Table.printable(message));
        return CommandLine.ExitCode.SOFTWARE;
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "which command?");
    }

    /** Tells the version to {@code --version}. */
    static final class Version implements CommandLine.IVersionProvider {
        @Override
        public String[] getVersion() {
            return new String[] {"jubelet " + ShowVersion.current()};
        }
    }
}
