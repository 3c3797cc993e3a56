/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cli;

import io.jubelet.schema.FieldExplanation;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code jubelet explain}. */
@Command(
        name = "explain",
        header = "Say what becomes of a field of a manifest.",
        description = {
            "",
            "Prints the type of a field, whether it is honoured, ignored or refused and why, and the fields below it. Needs",
            "no daemon. Fields without a kind are those of a Pod; ConfigMap and Secret are known, too.",
            ""
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  jubelet explain pod.spec.containers.livenessProbe",
            "  jubelet explain spec.hostAliases",
            "  jubelet explain pod --recursive",
            "  jubelet explain secret.stringData",
            "",
            "Exit code: 0 done, 1 there is no such field, 2 wrong usage."
        })
final class Explain implements Callable<Integer> {

    private final Terminal terminal;

    @Parameters(paramLabel = "FIELD", description = "A kind, a path of fields, or both.")
    private String field;

    @Option(names = "--recursive", description = "List the fields of all levels below.")
    private boolean recursive;

    Explain(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() throws CommandException {
        try {
            terminal.out().print(FieldExplanation.of(field, recursive));
            terminal.out().flush();
            return 0;
        } catch (FieldExplanation.UnknownFieldException unknown) {
            throw new CommandException(String.valueOf(unknown.getMessage()));
        }
    }
}
