/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cli;

import io.jubelet.api.ClientException;
import io.jubelet.api.LocalClient;
import io.jubelet.cli.LogPrinter.ContainerLog;
import io.jubelet.pod.LabelSelector;
import io.jubelet.printing.DefaultContainer;
import io.jubelet.printing.Json;
import io.jubelet.printing.Table;
import io.jubelet.printing.TerminalText;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.io.Reader;
import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code jubelet logs}. */
@Command(
        name = "logs",
        header = "Print the log of a container, or those of several pods.",
        customSynopsis = {"jubelet logs [OPTIONS] POD", "jubelet logs [OPTIONS] -l SELECTOR"},
        footerHeading = "%nExamples:%n",
        footer = {
            "  jubelet logs web                      the log of the default or first container",
            "  jubelet logs web -c proxy --tail 20   the last 20 lines of one container",
            "  jubelet logs web -f                   the log, and new lines until the container ends",
            "  jubelet logs web --since 10m          the lines of the last ten minutes",
            "  jubelet logs web -p                   the log of the instance before the last restart",
            "  jubelet logs web --all-containers     the logs of all containers of the pod",
            "  jubelet logs -l app=web -f            new lines of all pods with the label app=web",
            "  jubelet logs -l 'tier in (a,b)' --since 1h --prefix >logs.txt",
            "",
            "Exit code: 0 done, 1 error (no daemon, no such pod, no log yet), 2 wrong usage."
        })
final class Logs implements Callable<Integer> {

    /** As in kubectl, because the last lines of each of many pods are what is wanted. */
    private static final long TAIL_OF_SELECTED = 10;

    private final Terminal terminal;

    @Spec
    private CommandSpec spec;

    @Mixin
    private SocketOption socket;

    @Parameters(arity = "0..1", paramLabel = "POD", description = "The pod: web, web-<node>, or namespace/web.")
    private @Nullable String argument;

    @Option(
            names = {"-l", "--selector"},
            paramLabel = "SELECTOR",
            description =
                    "Instead of a pod: all pods with these labels, such as app=web,tier!=back, tier in (a,b), or !old.")
    private @Nullable String selector;

    @Option(
            names = {"-c", "--container"},
            paramLabel = "NAME",
            description = "The container; by default that of the annotation kubectl.kubernetes.io/default-container, or"
                    + " the first one of the pod.")
    private @Nullable String container;

    @Option(names = "--all-containers", description = "The logs of all containers, init containers first.")
    private boolean allContainers;

    @Option(
            names = {"-n", "--namespace"},
            paramLabel = "NS",
            description = "Namespace of the pods; without it those of all namespaces.")
    private @Nullable String namespace;

    @Option(
            names = {"-f", "--follow"},
            description = "Print new lines until the container ends.")
    private boolean follow;

    @Option(
            names = "--max-log-requests",
            paramLabel = "N",
            defaultValue = "5",
            description = "How many logs -f may follow at the same time. Default: 5.")
    private int maxLogRequests;

    @Option(
            names = "--prefix",
            arity = "0..1",
            fallbackValue = "true",
            paramLabel = "true|false",
            description =
                    "Begin each line with pod and container. By default if there are several logs and the output is"
                            + " a terminal, where each log has its colour.")
    private @Nullable Boolean prefix;

    @Option(
            names = {"-p", "--previous"},
            description = "Print the log of the instance before the last restart.")
    private boolean previous;

    @Option(
            names = "--tail",
            paramLabel = "N",
            description = "Print only the last N lines of each log; -1 prints all. Default: 10 with -l, else -1.")
    private @Nullable Long tail;

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

    @Option(
            names = "--limit-bytes",
            paramLabel = "N",
            description = "Print at most the first N bytes of these lines of each log.")
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
    public Integer call()
            throws ClientException, IOException, Names.NotFoundException, CommandException, InterruptedException {
        if ((argument == null) == (selector == null)) {
            throw new ParameterException(
                    spec.commandLine(),
                    argument == null
                            ? "name a pod, or choose pods by -l"
                            : "name a pod or choose pods by -l, not both");
        }
        if (allContainers && container != null) {
            throw new ParameterException(spec.commandLine(), "--all-containers does not go with -c");
        }
        List<ContainerLog> logs = logs();
        boolean screen = TerminalText.isOutput();
        boolean prefixed = prefix != null ? prefix : logs.size() > 1 && screen;
        if (logs.size() == 1 && !prefixed) {
            try (InputStream log = socket.stream(logs.getFirst().target())) {
                print(log, screen && !raw);
            }
            return 0;
        }
        if (follow && logs.size() > maxLogRequests) {
            throw new CommandException("you are attempting to follow " + logs.size()
                    + " log streams, but maximum allowed concurrency is " + maxLogRequests
                    + ", use --max-log-requests to increase the limit");
        }
        LogPrinter printer =
                new LogPrinter(terminal, prefixed, screen && System.getenv("NO_COLOR") == null, screen && !raw);
        return printer.print(logs, follow, log -> socket.stream(log.target())) ? 0 : 1;
    }

    private List<ContainerLog> logs() throws ClientException, IOException, Names.NotFoundException {
        List<Json> items = socket.get("/jubelet/v1/pods").at("items").items();
        List<ContainerLog> logs = new ArrayList<>();
        if (selector == null) {
            Json item = Names.of(argument, namespace).only(items);
            containers(item, terminal.err()).forEach(name -> logs.add(log(item, name)));
            return logs;
        }
        Predicate<Json> chosen = chosen(selector);
        Names names = Names.of(null, namespace);
        for (Json item : items) {
            if (names.mean(item) && chosen.test(item)) {
                containers(item, terminal.quiet().err()).forEach(name -> logs.add(log(item, name)));
            }
        }
        if (logs.isEmpty()) {
            terminal.err().println("No pods found that match " + Table.printable(selector) + ".");
        }
        return logs;
    }

    private Predicate<Json> chosen(String text) {
        try {
            LabelSelector labels = LabelSelector.parse(text);
            return item -> {
                Map<String, String> ofPod = new HashMap<>();
                item.at("pod", "metadata", "labels").fields().forEach((key, value) -> ofPod.put(key, value.text()));
                return labels.matches(ofPod);
            };
        } catch (IllegalArgumentException malformed) {
            throw new ParameterException(spec.commandLine(), "-l: " + malformed.getMessage(), malformed);
        }
    }

    private List<String> containers(Json item, PrintStream notes) {
        Json pod = item.at("pod");
        if (allContainers) {
            return Stream.concat(
                            pod.at("spec", "initContainers").items().stream(),
                            pod.at("spec", "containers").items().stream())
                    .map(each -> each.at("name").text())
                    .toList();
        }
        return List.of(container != null ? container : DefaultContainer.of(pod, notes));
    }

    private ContainerLog log(Json item, String name) {
        long lines = tail != null ? tail : selector != null ? TAIL_OF_SELECTED : -1;
        String target = "/containerLogs/"
                + LocalClient.encode(item.at("pod", "metadata", "namespace").text()) + "/"
                + LocalClient.encode(item.at("name").text()) + "/" + LocalClient.encode(name)
                + "?follow=" + follow + "&previous=" + previous + "&timestamps=" + timestamps
                + (lines < 0 ? "" : "&tailLines=" + lines)
                + (since == null ? "" : "&sinceSeconds=" + Math.max(1, since.toSeconds()))
                + (sinceTime == null ? "" : "&sinceTime=" + LocalClient.encode(sinceTime))
                + (limitBytes <= 0 ? "" : "&limitBytes=" + limitBytes);
        return new ContainerLog(item.at("pod", "metadata", "name").text(), name, target);
    }

    private void print(InputStream log, boolean escaped) throws IOException {
        if (escaped) {
            printEscaped(log);
            return;
        }
        byte[] part = new byte[16 * 1024];
        for (int read = log.read(part); read >= 0 && !terminal.out().checkError(); read = log.read(part)) {
            terminal.out().write(part, 0, read);
            terminal.out().flush();
        }
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
}
