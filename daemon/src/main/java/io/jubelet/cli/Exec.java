/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cli;

import io.jubelet.api.ClientException;
import io.jubelet.cli.ContainerOption.Chosen;
import io.jubelet.remotecommand.RemoteCommand;
import io.jubelet.remotecommand.RemoteStatus;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code jubelet exec}. */
@Command(
        name = "exec",
        header = "Run a command in a container.",
        customSynopsis = "jubelet exec [-it] [-c NAME] [-n NS] POD -- COMMAND [ARGUMENT...]",
        footerHeading = "%nExamples:%n",
        footer = {
            "  jubelet exec web -- ls -l /etc            the output of one command",
            "  jubelet exec -it web -- sh                a shell; Ctrl-D or exit ends it",
            "  jubelet exec -it web -c proxy -- sh       a shell in another container of the pod",
            "  jubelet exec web -- sh -c 'ls *.log'      patterns and pipes are for a shell in the container",
            "  jubelet exec -i db -- psql <dump.sql      input from a file",
            "  jubelet exec db -- pg_dump app >dump.sql  output to a file",
            "",
            "Root and members of the group of --api-admin-group may run commands; the daemon logs each.",
            "Exit code: that of the command; 1 if it could not be run, 2 wrong usage."
        })
final class Exec implements Callable<Integer> {

    private final Terminal terminal;
    private final InputStream input;

    @Spec
    private CommandSpec spec;

    @Mixin
    private ContainerOption container;

    @Parameters(index = "0", paramLabel = "POD", description = "The pod: web, web-<node>, pod/web, or namespace/web.")
    private String argument;

    @Parameters(
            index = "1..*",
            arity = "0..*",
            paramLabel = "COMMAND",
            description = "The command and its arguments, behind --.")
    private @Nullable List<String> command;

    @Option(
            names = {"-i", "--stdin"},
            description = "Pass the standard input to the command.")
    private boolean stdin;

    @Option(
            names = {"-t", "--tty"},
            description = "Give the command a terminal; with -i, if the standard input is one.")
    private boolean tty;

    @Option(
            names = {"-q", "--quiet"},
            description = "Print only what the command prints.")
    private boolean quiet;

    /** @param input the standard input of this process */
    Exec(Terminal terminal, InputStream input) {
        this.terminal = terminal;
        this.input = input;
    }

    @Override
    public Integer call() throws ClientException, IOException, Names.NotFoundException, CommandException {
        List<String> words = spec.commandLine().getParseResult().originalArgs();
        if (command == null || command.isEmpty()) {
            throw new ParameterException(
                    spec.commandLine(), "you must specify at least one command for the container, behind --");
        }
        int separator = words.indexOf("--");
        if (separator != words.size() - 1 - command.size()) {
            throw new ParameterException(
                    spec.commandLine(), "write -- between the pod and the command: jubelet exec POD -- COMMAND");
        }
        Terminal notes = quiet ? terminal.quiet() : terminal;
        Chosen chosen = container.running(argument, notes.err());
        boolean terminalInside = RemoteSession.tty(stdin, tty, notes);
        RemoteCommand.Streams streams = new RemoteCommand.Streams(stdin, true, true, terminalInside);
        try (RemoteCommand remote =
                RemoteCommand.exec(container.client(), chosen.path(), command, streams, terminal.err())) {
            Optional<RemoteStatus> status = new RemoteSession(terminal, remote)
                    .run(stdin ? Optional.of(input) : Optional.empty(), terminalInside, false);
            return status.map(ended -> RemoteSession.report(ended, quiet, terminal))
                    .orElse(RemoteSession.OUTPUT_CLOSED);
        }
    }
}
