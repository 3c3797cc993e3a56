/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cli;

import io.jubelet.api.ClientException;
import io.jubelet.config.FlagValues;
import io.jubelet.document.Spelling;
import io.jubelet.printing.Table;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
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

/** The command line of the program: finds the command and runs it. */
@Command(
        name = "jubelet",
        mixinStandardHelpOptions = true,
        versionProvider = JubeletCommand.Version.class,
        header = "Keeps the pods of a directory of manifests running, without an API server.",
        synopsisSubcommandLabel = "COMMAND",
        footerHeading = "%nExamples:%n",
        footer = {
            "  jubelet get pods                which pods run, and why others do not",
            "  jubelet get manifests           every file of the manifest directory and its state",
            "  jubelet get events              what happened to the pods",
            "  jubelet describe pod web        everything about one pod",
            "  jubelet logs web -f             its log",
            "  jubelet top pods                what pods use",
            "  jubelet exec -it web -- sh      a shell in it",
            "  jubelet cp web:/etc/hosts .     a file from it",
            "  jubelet validate web.yaml       what the daemon would say of a file",
            "  jubelet diff web.yaml           what it would change against what runs",
            "  jubelet apply web.yaml --wait   put it into the manifest directory",
            "  jubelet explain spec.volumes    what becomes of a field of a manifest",
            "  jubelet help get pods           more on one command",
            "",
            "To restart a pod, change an annotation of its manifest, such as restarted-at.",
            "",
            "Exit code: 0 done, 1 error, 2 wrong usage; exec ends with that of its command.",
            "Environment: JUBELET_API_SOCKET names the socket of the daemon; --api-socket=PATH does so for one command."
        })
final class JubeletCommand implements Runnable {

    private final Terminal terminal;
    private final InputStream input;
    private final ToIntFunction<FlagValues> daemon;

    @Spec
    private CommandSpec spec;

    /** Without standard input. */
    JubeletCommand(Terminal terminal, ToIntFunction<FlagValues> daemon) {
        this(terminal, InputStream.nullInputStream(), daemon);
    }

    /**
     * Creates the command line.
     *
     * @param input the standard input as it comes, because a command in a container waits for every byte
     * @param daemon runs the daemon for {@code run}, and returns the exit code
     */
    JubeletCommand(Terminal terminal, InputStream input, ToIntFunction<FlagValues> daemon) {
        this.terminal = terminal;
        this.input = input;
        this.daemon = daemon;
    }

    /**
     * Runs the command that the arguments name.
     *
     * @param daemon runs the daemon until it is stopped, and returns the exit code
     * @return 0 done, 1 error, 2 wrong usage
     */
    static int run(String[] arguments, ToIntFunction<FlagValues> daemon) {
        PrintStream out = new PrintStream(new FileOutputStream(FileDescriptor.out), false, StandardCharsets.UTF_8);
        Terminal terminal = new Terminal(out, System.err, InstantSource.system());
        int code = new JubeletCommand(terminal, new FileInputStream(FileDescriptor.in), daemon).execute(arguments);
        out.flush();
        return code;
    }

    /** Runs the command that the arguments name, and returns its exit code. */
    int execute(String... given) {
        Given words = Given.of(given).withHelpAtEnd();
        Map<String, Supplier<CommandLine>> commands = commands(words.socket());
        // Picocli reads a command by reflection. To read only the one that is run halves the time to start.
        Supplier<CommandLine> chosen = words.rest().length == 0 ? null : commands.get(words.rest()[0]);
        CommandLine root = chosen == null ? withAll(commands) : new CommandLine(this).addSubcommand(chosen.get());
        if (words.socket().isPresent()) {
            root.setDefaultValueProvider(option ->
                    option instanceof OptionSpec named && named.longestName().equals(Given.SOCKET)
                            ? words.socket().get()
                            : null);
        }
        return root.setOut(new PrintWriter(terminal.out(), true, StandardCharsets.UTF_8))
                .setErr(new PrintWriter(terminal.err(), true, StandardCharsets.UTF_8))
                .setColorScheme(CommandLine.Help.defaultColorScheme(CommandLine.Help.Ansi.OFF))
                .setUsageHelpWidth(110)
                .setParameterExceptionHandler((problem, _) -> wrongUsage(problem))
                .setExecutionExceptionHandler((problem, _, _) -> fail(problem))
                .setExecutionStrategy(JubeletCommand::runKnown)
                .execute(words.rest());
    }

    /** Runs a command. Picocli accepts unknown words beside {@code --help}, and would show the help of something else. */
    private static int runKnown(CommandLine.ParseResult parsed) {
        for (CommandLine.ParseResult each = parsed; each != null; each = each.subcommand()) {
            if (!each.unmatched().isEmpty()) {
                throw new UnmatchedArgumentException(each.commandSpec().commandLine(), each.unmatched());
            }
        }
        return new CommandLine.RunLast().execute(parsed);
    }

    /** The command line with every command, from which manual pages and completion are made. */
    CommandLine withAllCommands() {
        return withAll(commands(Optional.empty()));
    }

    private CommandLine withAll(Map<String, Supplier<CommandLine>> commands) {
        CommandLine root = new CommandLine(this);
        commands.values().forEach(command -> root.addSubcommand(command.get()));
        return root.addSubcommand(new HelpCommand());
    }

    /** {@code --api-socket} belongs behind the command, but before the command it sets the default. */
    private record Given(Optional<String> socket, String... rest) {

        static final String SOCKET = "--api-socket";

        static Given of(String... words) {
            if (words.length > 0 && words[0].startsWith(SOCKET + "=")) {
                return new Given(
                        Optional.of(words[0].substring(SOCKET.length() + 1)),
                        Arrays.copyOfRange(words, 1, words.length));
            }
            return words.length > 1 && words[0].equals(SOCKET)
                    ? new Given(Optional.of(words[1]), Arrays.copyOfRange(words, 2, words.length))
                    : new Given(Optional.empty(), words);
        }

        /** {@code help get pods} as {@code get pods --help}, which finds what is unknown at any level. */
        Given withHelpAtEnd() {
            if (rest.length < 2 || !rest[0].equals("help") || rest[1].startsWith("-")) {
                return this;
            }
            String[] words = Arrays.copyOfRange(rest, 1, rest.length + 1);
            words[rest.length - 1] = "--help";
            return new Given(socket, words);
        }
    }

    /** Prints what is wrong and where the help is, and not the whole help, so that the first line stays in sight. */
    private static int wrongUsage(ParameterException problem) {
        CommandLine command = problem.getCommandLine();
        PrintWriter err = command.getErr();
        boolean group = !command.getSubcommands().isEmpty();
        String message = String.valueOf(problem.getMessage());
        if (problem instanceof UnmatchedArgumentException unmatched) {
            String word = unmatched.getUnmatched().getFirst();
            message = (word.startsWith("-") ? "unknown option " : group ? "unknown command " : "unexpected argument ")
                    + word;
        }
        err.println("error: " + Table.printable(message));
        if (suggested(problem, err) || !group) {
            err.println("See " + command.getCommandSpec().qualifiedName() + " --help");
        } else {
            command.usage(err);
        }
        return CommandLine.ExitCode.USAGE;
    }

    /** Whether a word close to what is wrong was printed. Picocli's own choice includes distant ones. */
    private static boolean suggested(ParameterException problem, PrintWriter err) {
        CommandLine command = problem.getCommandLine();
        if (!(problem instanceof UnmatchedArgumentException unmatched)) {
            return false;
        }
        String word = unmatched.getUnmatched().getFirst();
        if (word.startsWith("-")) {
            String name = word.contains("=") ? word.substring(0, word.indexOf('=')) : word;
            String closest =
                    Spelling.closest(name, command.getCommandSpec().optionsMap().keySet());
            if (closest != null) {
                err.println("Did you mean: " + closest + "?");
            }
            return closest != null;
        }
        String closest = Spelling.closest(word, command.getSubcommands().keySet());
        if (closest != null) {
            err.println("Did you mean: " + command.getCommandSpec().qualifiedName() + " " + closest + "?");
        }
        return closest != null;
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
        commands.put(
                "top",
                () -> group(
                                "top",
                                "Show what pods or containers use.",
                                "  jubelet top pods",
                                "  jubelet top containers --sort-by=cpu")
                        .addSubcommand(named("pods", "pod", "Show what pods use.", new Top(terminal, false)))
                        .addSubcommand(named(
                                "containers", "container", "Show what containers use.", new Top(terminal, true))));
        commands.put("exec", () -> command(new Exec(terminal, input)));
        commands.put("attach", () -> command(new Attach(terminal, input)));
        commands.put("port-forward", () -> command(new PortForward(terminal)));
        commands.put("cp", () -> command(new Copy(terminal)));
        commands.put("validate", () -> command(new Validate(terminal, input)));
        commands.put("diff", () -> command(new Diff(terminal, input)));
        commands.put("apply", () -> command(new Apply(terminal, input)));
        commands.put("explain", () -> command(new Explain(terminal)));
        commands.put("kubeconfig", () -> command(new PrintKubeconfig(terminal)));
        commands.put("run", () -> command(Run.commandLine(daemon, socket)));
        commands.put("version", () -> command(new ShowVersion(terminal)));
        return commands;
    }

    private static CommandLine command(Object command) {
        CommandLine line = command instanceof CommandLine made ? made : new CommandLine(command);
        line.getCommandSpec().addOption(help());
        return line;
    }

    /** A command whose class is that of several commands. */
    private static CommandLine named(String name, String alias, String header, Object command) {
        CommandLine line = command(command);
        line.getCommandSpec().name(name).aliases(alias).usageMessage().header(header);
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
            case ClientException told -> error(String.valueOf(told.getMessage()));
            case Names.NotFoundException told -> error(String.valueOf(told.getMessage()));
            case CommandException told -> error(String.valueOf(told.getMessage()));
            case IOException broken -> error("the answer of the daemon broke off: " + broken.getMessage());
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

    /** The version for {@code --version}. */
    static final class Version implements CommandLine.IVersionProvider {
        @Override
        public String[] getVersion() {
            return new String[] {"jubelet " + ShowVersion.current()};
        }
    }
}
