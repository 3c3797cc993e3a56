/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cli;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code jubelet kubeconfig}. */
@Command(
        name = "kubeconfig",
        header = "Print a kubeconfig for kubectl and this node alone, as root.",
        description = {
            "The daemon writes it when it is started with --serve-kubernetes-api. It holds the key of a client that may"
                    + " read everything but Secrets and run commands in the pods, so keep the file private."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  jubelet kubeconfig > node.conf",
            "  kubectl --kubeconfig node.conf get pods -A",
            "",
            "Exit code: 0 done, 1 error, 2 wrong usage."
        })
final class PrintKubeconfig implements Callable<Integer> {

    private final Terminal terminal;

    @Option(
            names = "--root-dir",
            paramLabel = "DIR",
            defaultValue = "/var/lib/jubelet",
            description = "Root directory of the daemon. Default: ${DEFAULT-VALUE}.")
    private Path rootDir;

    PrintKubeconfig(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() throws IOException {
        Path file = rootDir.resolve("kubernetes-api").resolve("kubeconfig");
        try {
            terminal.out().print(Files.readString(file));
            terminal.out().flush();
            return 0;
        } catch (NoSuchFileException _) {
            terminal.err()
                    .println("error: there is no " + file
                            + ": start the daemon with --serve-kubernetes-api=127.0.0.1:6443, or name its root directory"
                            + " with --root-dir");
        } catch (AccessDeniedException _) {
            terminal.err().println("error: permission denied for " + file + ": run as root");
        }
        return 1;
    }
}
