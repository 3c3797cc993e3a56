/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cli;

import io.jubelet.api.ClientException;
import io.jubelet.cli.ContainerOption.Chosen;
import io.jubelet.remotecommand.DetachKeys;
import io.jubelet.remotecommand.RemoteCommand;
import io.jubelet.remotecommand.RemoteStatus;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code jubelet attach}. */
@Command(
        name = "attach",
        header = "Attach to the process that a container runs.",
        description = {
            "",
            "You see what the process writes from now on; jubelet logs has what it wrote before. Input reaches it if the",
            "manifest of the container says stdin: true; keys and a terminal need tty: true as well.",
            ""
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  jubelet attach web                 what the process writes, until Ctrl-C",
            "  jubelet attach -it console         its terminal; Ctrl-P Ctrl-Q leaves it running",
            "  jubelet attach -i queue <jobs.txt  input from a file",
            "",
            "Root and members of the group of --api-admin-group may attach; the daemon logs it.",
            "Exit code: 0 the process ended or was left, 1 error, 2 wrong usage."
        })
final class Attach implements Callable<Integer> {

    private final Terminal terminal;
    private final InputStream input;

    @Mixin
    private ContainerOption container;

    @Parameters(paramLabel = "POD", description = "The pod: web, web-<node>, pod/web, or namespace/web.")
    private String argument;

    @Option(
            names = {"-i", "--stdin"},
            description = "Pass the standard input to the process.")
    private boolean stdin;

    @Option(
            names = {"-t", "--tty"},
            description = "Use the terminal of the process; with -i, if the standard input is one.")
    private boolean tty;

    @Option(
            names = {"-q", "--quiet"},
            description = "Print only what the process prints.")
    private boolean quiet;

    /** @param input the standard input of this process */
    Attach(Terminal terminal, InputStream input) {
        this.terminal = terminal;
        this.input = input;
    }

    @Override
    public Integer call() throws ClientException, IOException, Names.NotFoundException, CommandException {
        Terminal notes = quiet ? terminal.quiet() : terminal;
        Chosen chosen = container.running(argument, notes.err());
        boolean inside = chosen.spec().at("tty").isTrue();
        if (tty && !inside) {
            notes.err().println("Unable to use a TTY - container " + chosen.container() + " did not allocate one");
        }
        if (stdin && !chosen.spec().at("stdin").isTrue()) {
            notes.err()
                    .println("Container " + chosen.container()
                            + " reads no input, because its manifest does not say stdin: true");
        }
        boolean raw = RemoteSession.tty(stdin, tty && inside, notes);
        if (raw) {
            notes.err().println("If you don't see a command prompt, try pressing enter. Ctrl-P Ctrl-Q detaches.");
        }
        // A process with a terminal has one output, whether or not there is a terminal here.
        RemoteCommand.Streams streams = new RemoteCommand.Streams(stdin, true, true, inside);
        try (RemoteCommand remote = RemoteCommand.attach(container.client(), chosen.path(), streams, terminal.err())) {
            Optional<InputStream> keys = raw ? Optional.of(new DetachKeys(input)) : Optional.of(input);
            Optional<RemoteStatus> status =
                    new RemoteSession(terminal, remote).run(stdin ? keys : Optional.empty(), raw, true);
            if (status.isEmpty() && keys.get() instanceof DetachKeys detach && detach.typed()) {
                notes.err().println("Detached; container " + chosen.container() + " runs on.");
                return 0;
            }
            return status.map(ended -> RemoteSession.report(ended, quiet, terminal))
                    .orElse(RemoteSession.OUTPUT_CLOSED);
        }
    }
}
