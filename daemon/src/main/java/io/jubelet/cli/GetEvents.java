/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cli;

import io.jubelet.api.ClientException;
import io.jubelet.api.LocalClient;
import io.jubelet.printing.EventRow;
import io.jubelet.printing.Json;
import io.jubelet.printing.ObjectPrinter;
import io.jubelet.printing.Table;
import java.io.IOException;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code jubelet get events}. */
@Command(
        name = "events",
        aliases = {"event", "ev"},
        header = "Show what happened to the pods of this node.",
        description = {
            "",
            "The columns and reasons are those of kubectl and the kubelet. The newest event is last. The daemon keeps events",
            "in memory, 50 of each pod and 1000 in all, and forgets them when it restarts.",
            ""
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  jubelet get events                    events of all pods",
            "  jubelet get events --for pod/web      events of one pod",
            "  jubelet get events -n kube-system     events of one namespace",
            "  jubelet get events -w                 all events, and then each new one",
            "  jubelet get events -o json            a v1 EventList, as the Kubernetes API has it",
            "",
            "Exit code: 0 done, 1 error (no daemon), 2 wrong usage."
        })
final class GetEvents implements Callable<Integer> {

    private static final Comparator<Json> BY_LAST =
            Comparator.comparing(event -> event.at("lastTimestamp").text());

    private final Terminal terminal;

    @Mixin
    private ListOptions list;

    @Option(
            names = {"-n", "--namespace"},
            paramLabel = "NS",
            description = "Only events of this namespace.")
    private @Nullable String namespace;

    @Option(
            names = {"-A", "--all-namespaces"},
            description = "Events of all namespaces, the default.")
    private boolean allNamespaces;

    @Option(
            names = "--for",
            paramLabel = "pod/NAME",
            description = "Only events of this pod: pod/web, pod/web-<node>, or namespace/web.")
    private @Nullable String object;

    GetEvents(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() throws ClientException, IOException {
        Names names = Names.of(object, allNamespaces ? null : namespace);
        String where = names.namespace()
                .map(name -> "/namespaces/" + LocalClient.encode(name))
                .orElse("");
        String target = "/api/v1" + where + "/events";
        if (!list.format().isTable() && list.watch()) {
            list.follow(target + "?watch=true", (type, event) -> {
                if (!type.equals("DELETED") && means(names, event)) {
                    ObjectPrinter.print(event, list.format(), terminal.out());
                }
            });
        }
        Json answer = list.get(target);
        List<Json> events = answer.at("items").items().stream()
                .filter(event -> means(names, event))
                .sorted(BY_LAST)
                .toList();
        if (!list.format().isTable()) {
            ObjectPrinter.print(only(answer, events), list.format(), terminal.out());
            return 0;
        }
        boolean namespaces = names.namespace().isEmpty() && names.name().isEmpty();
        Table table = list.table(EventRow.header(namespaces, list.wide()), events.isEmpty());
        events.forEach(event -> table.add(row(event, namespaces)));
        table.print(terminal.out());
        if (list.watch()) {
            follow(target, table, names, namespaces, events);
        } else if (events.isEmpty()) {
            terminal.err().println("No events found.");
        }
        return 0;
    }

    private List<String> row(Json event, boolean namespaces) {
        return EventRow.of(event, namespaces, list.wide(), terminal.clock().instant());
    }

    private void follow(String target, Table table, Names names, boolean namespaces, List<Json> events)
            throws ClientException, IOException {
        Map<String, Integer> shown = new LinkedHashMap<>();
        events.forEach(event -> shown.put(key(event), event.at("count").number()));
        list.follow(target + "?watch=true", (type, event) -> {
            int count = event.at("count").number();
            if (type.equals("DELETED")) {
                shown.remove(key(event));
            } else if (means(names, event) && !Integer.valueOf(count).equals(shown.put(key(event), count))) {
                table.add(row(event, namespaces));
                table.print(terminal.out());
            }
        });
    }

    private static String key(Json event) {
        return event.at("metadata", "namespace").text() + "/"
                + event.at("metadata", "name").text();
    }

    private static boolean means(Names names, Json event) {
        Json pod = event.at("involvedObject");
        String name = pod.at("name").text();
        String host = event.at("source", "host").text();
        return names.namespace().map(pod.at("namespace").text()::equals).orElse(true)
                && names.name()
                        .map(wanted -> wanted.equals(name) || (wanted + "-" + host).equals(name))
                        .orElse(true);
    }

    /** The list with these events only. */
    private static Json only(Json answer, List<Json> events) {
        Map<String, Object> kept = new LinkedHashMap<>();
        answer.fields().forEach((field, value) -> kept.put(field, value.value()));
        kept.put("items", events.stream().map(Json::value).toList());
        return new Json(kept);
    }
}
