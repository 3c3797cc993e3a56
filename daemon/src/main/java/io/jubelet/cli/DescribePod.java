/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cli;

import io.jubelet.api.ClientException;
import io.jubelet.api.LocalClient;
import io.jubelet.printing.Json;
import io.jubelet.printing.PodDescription;
import java.io.IOException;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code jubelet describe pod}. */
@Command(
        name = "pod",
        aliases = {"pods", "po"},
        header = "Show everything about one pod, and why it does or does not run.",
        description = {
            "",
            "\"Why\" follows the pod step by step: its file, whether it was parsed and admitted, its images, its sandbox",
            "and its containers. \"Plan\" says what the daemon does next, and \"Events\" what it did and what went wrong.",
            ""
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  jubelet describe pod web",
            "  jubelet describe pod kube-system/etcd",
            "",
            "Exit code: 0 done, 1 error (no daemon, no such pod), 2 wrong usage."
        })
final class DescribePod implements Callable<Integer> {

    private final Terminal terminal;

    @Mixin
    private SocketOption socket;

    @Parameters(paramLabel = "NAME", description = "The pod: web, web-<node>, or namespace/web.")
    private String argument;

    @Option(
            names = {"-n", "--namespace"},
            paramLabel = "NS",
            description = "Namespace of the pod; needed only if several pods have the name.")
    private @Nullable String namespace;

    DescribePod(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() throws ClientException, IOException, Names.NotFoundException {
        Json item = Names.of(argument, namespace)
                .only(socket.get("/jubelet/v1/pods").at("items").items());
        Json details = socket.get("/jubelet/v1/pods/"
                + LocalClient.encode(item.at("pod", "metadata", "namespace").text()) + "/"
                + LocalClient.encode(item.at("name").text()) + "/describe");
        terminal.out().print(PodDescription.of(details, terminal.clock().instant()));
        terminal.out().flush();
        return 0;
    }
}
