/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cli;

import io.jubelet.api.ClientException;
import io.jubelet.printing.Json;
import io.jubelet.printing.ObjectPrinter;
import io.jubelet.printing.OutputFormat;
import io.jubelet.printing.ResourceUsage;
import io.jubelet.printing.Table;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code jubelet top pods} and {@code jubelet top containers}. */
@Command(
        description = {
            "",
            "Columns and units are those of kubectl top: CPU in thousandths of a core, and the working set in MiB. If the",
            "daemon was not asked within the last two minutes, it measures for a second.",
            ""
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  jubelet top pods                      what each pod uses",
            "  jubelet top pods --sort-by=memory     the pod that uses most memory first",
            "  jubelet top containers web            what each container of one pod uses",
            "",
            "Exit code: 0 done, 1 error (no daemon, no such pod), 2 wrong usage."
        })
final class Top implements Callable<Integer> {

    private final Terminal terminal;

    @Mixin
    private SocketOption socket;

    @Parameters(arity = "0..1", paramLabel = "NAME", description = "Only this pod: web, web-<node>, or namespace/web.")
    private @Nullable String argument;

    @Option(
            names = {"-n", "--namespace"},
            paramLabel = "NS",
            description = "Only pods of this namespace.")
    private @Nullable String namespace;

    @Option(
            names = {"-A", "--all-namespaces"},
            description = "Pods of all namespaces, the default.")
    private boolean allNamespaces;

    @Option(
            names = "--sort-by",
            paramLabel = "COLUMN",
            defaultValue = "name",
            description = "One of: ${COMPLETION-CANDIDATES}; of cpu and memory the largest comes first. Default: name.")
    private ResourceUsage.Order order;

    @Option(names = "--containers", description = "A row for each container.")
    private boolean containers;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FORMAT",
            defaultValue = "table",
            description = "One of: table, json, yaml; json and yaml are a PodMetricsList of metrics.k8s.io/v1beta1."
                    + " Default: table.")
    private OutputFormat format;

    @Option(names = "--no-headers", description = "Print no column names.")
    private boolean noHeaders;

    /** @param containers whether each container has a row even without the option */
    Top(Terminal terminal, boolean containers) {
        this.terminal = terminal;
        this.containers = containers;
    }

    @Override
    public Integer call() throws ClientException, IOException, Names.NotFoundException, CommandException {
        if (format == OutputFormat.wide || format == OutputFormat.name) {
            throw new CommandException("-o " + format + " is not an output of top; use table, json or yaml");
        }
        Names names = Names.of(argument, allNamespaces ? null : namespace);
        Json summary = socket.get("/stats/summary?only_cpu_and_memory=true");
        List<ResourceUsage> pods = ResourceUsage.of(summary).stream()
                .filter(pod -> names.mean(pod.namespace(), pod.name(), pod.fullName()))
                .sorted(order)
                .toList();
        if (names.name().isPresent() && pods.isEmpty()) {
            throw Names.NotFoundException.none(
                    names, socket.get("/jubelet/v1/pods").at("items").items());
        }
        if (!format.isTable()) {
            ObjectPrinter.print(ResourceUsage.list(pods), format, terminal.out());
            return 0;
        }
        if (pods.isEmpty()) {
            terminal.err().println("No pods found.");
            return 0;
        }
        List<String> header = ResourceUsage.header(containers);
        Table table = new Table(header.size(), noHeaders ? List.of() : header);
        ResourceUsage.rows(pods, order, containers).forEach(table::add);
        table.print(terminal.out());
        return 0;
    }
}
