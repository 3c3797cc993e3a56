/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cli;

import io.jubelet.api.ClientException;
import io.jubelet.printing.Json;
import io.jubelet.printing.Table;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code jubelet version}. */
@Command(
        name = "version",
        header = "Print the version of this program, and of the daemon if one runs.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  jubelet version",
            "  jubelet version --client              only of this program",
            "",
            "Exit code: 0 done, even if no daemon runs, 2 wrong usage."
        })
final class ShowVersion implements Callable<Integer> {

    private final Terminal terminal;

    @Mixin
    private SocketOption socket;

    @Option(names = "--client", description = "Print only the version of this program.")
    private boolean clientOnly;

    ShowVersion(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        terminal.out().println("jubelet " + current());
        if (!clientOnly) {
            try {
                Json daemon = socket.get("/version");
                terminal.out()
                        .println("daemon  "
                                + Table.printable(daemon.at("version").text()) + " on node "
                                + Table.printable(daemon.at("node").text()));
            } catch (ClientException | IOException none) {
                terminal.out().println("daemon  none: " + Table.printable(String.valueOf(none.getMessage())));
            }
        }
        terminal.out().flush();
        return 0;
    }

    /** The version of this program, as the build wrote it into the archive. */
    static String current() {
        String version = ShowVersion.class.getPackage().getImplementationVersion();
        return version == null ? "development" : version;
    }
}
