/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cli;

import io.jubelet.api.ClientException;
import io.jubelet.api.LocalClient;
import io.jubelet.printing.Json;
import io.jubelet.printing.TerminalText;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code jubelet logs}. */
@Command(
        name = "logs",
        header = "Print the log of a container.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  jubelet logs web                      the log of the default or first container",
            "  jubelet logs web -c proxy --tail 20   the last 20 lines of one container",
            "  jubelet logs web -f                   the log, and new lines until the container ends",
            "  jubelet logs web --since 10m          the lines of the last ten minutes",
            "  jubelet logs web -p                   the log of the instance before the last restart",
            "",
            "Exit code: 0 done, 1 error (no daemon, no such pod, no log yet), 2 wrong usage."
        })
final class Logs implements Callable<Integer> {

    private final Terminal terminal;

    @Mixin
    private SocketOption socket;

    @Parameters(paramLabel = "POD", description = "The pod: web, web-<node>, or namespace/web.")
    private String argument;

    @Option(
            names = {"-c", "--container"},
            paramLabel = "NAME",
            description = "The container; by default that of the annotation kubectl.kubernetes.io/default-container, or"
                    + " the first one of the pod.")
    private @Nullable String container;

    @Option(
            names = {"-n", "--namespace"},
            paramLabel = "NS",
            description = "Namespace of the pod; needed only if several pods have the name.")
    private @Nullable String namespace;

    @Option(
            names = {"-f", "--follow"},
            description = "Print new lines until the container ends.")
    private boolean follow;

    @Option(
            names = {"-p", "--previous"},
            description = "Print the log of the instance before the last restart.")
    private boolean previous;

    @Option(names = "--tail", paramLabel = "N", description = "Print only the last N lines; -1 prints all.")
    private long tail = -1;

    @Option(names = "--timestamps", description = "Print the time before each line.")
    private boolean timestamps;

    @Option(
            names = "--since",
            paramLabel = "DURATION",
            converter = DurationOption.class,
            description = "Print only lines that are not older than a duration such as 10m or 1h30m.")
    private @Nullable Duration since;

    @Option(
            names = "--since-time",
            paramLabel = "TIME",
            description = "Print only lines that are not older than a time such as 2026-01-01T12:00:00Z.")
    private @Nullable String sinceTime;

    @Option(names = "--limit-bytes", paramLabel = "N", description = "Print at most the first N bytes of these lines.")
    private long limitBytes;

    @Option(
            names = "--raw",
            description = "Print control characters to a terminal as the container wrote them. By default they are"
                    + " escaped there, except for colours.")
    private boolean raw;

    Logs(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() throws ClientException, IOException, Names.NotFoundException {
        Json item = Names.of(argument, namespace)
                .only(socket.get("/jubelet/v1/pods").at("items").items());
        String target = "/containerLogs/"
                + LocalClient.encode(item.at("pod", "metadata", "namespace").text()) + "/"
                + LocalClient.encode(item.at("name").text()) + "/" + LocalClient.encode(container(item))
                + "?follow=" + follow + "&previous=" + previous + "&timestamps=" + timestamps
                + (tail < 0 ? "" : "&tailLines=" + tail)
                + (since == null ? "" : "&sinceSeconds=" + Math.max(1, since.toSeconds()))
                + (sinceTime == null ? "" : "&sinceTime=" + LocalClient.encode(sinceTime))
                + (limitBytes <= 0 ? "" : "&limitBytes=" + limitBytes);
        try (InputStream log = socket.stream(target)) {
            if (!raw && TerminalText.isOutput()) {
                printEscaped(log);
                return 0;
            }
            byte[] part = new byte[16 * 1024];
            for (int read = log.read(part); read >= 0 && !terminal.out().checkError(); read = log.read(part)) {
                terminal.out().write(part, 0, read);
                terminal.out().flush();
            }
        }
        return 0;
    }

    private void printEscaped(InputStream log) throws IOException {
        TerminalText text = new TerminalText();
        Reader characters = new InputStreamReader(log, StandardCharsets.UTF_8);
        char[] part = new char[8 * 1024];
        for (int read = characters.read(part);
                read >= 0 && !terminal.out().checkError();
                read = characters.read(part)) {
            terminal.out().print(text.next(CharBuffer.wrap(part, 0, read)));
            terminal.out().flush();
        }
        terminal.out().print(text.end());
    }

    private String container(Json item) {
        return container != null ? container : DefaultContainer.of(item.at("pod"), terminal.err());
    }
}
