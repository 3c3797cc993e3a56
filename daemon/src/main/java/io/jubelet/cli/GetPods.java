/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cli;

import io.jubelet.api.ClientException;
import io.jubelet.api.LocalClient;
import io.jubelet.printing.Footer;
import io.jubelet.printing.Json;
import io.jubelet.printing.ObjectPrinter;
import io.jubelet.printing.PodRow;
import io.jubelet.printing.Table;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code jubelet get pods}. */
@Command(
        name = "pods",
        aliases = {"pod", "po"},
        header = "Show the pods of this node.",
        description = {
            "",
            "The columns are those of kubectl. Problems follow the table on standard error: manifests that are not",
            "accepted, and why a pod does not run. At most five of a kind are shown, and the others are counted.",
            ""
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  jubelet get pods                      all pods",
            "  jubelet get pods -o wide              with address, node and the reason why one does not run",
            "  jubelet get pods -w                   all pods, and then each change",
            "  jubelet get pod web -o yaml           one pod, as the Kubernetes API has it",
            "  jubelet get pods -n kube-system       pods of one namespace",
            "  jubelet get pods -o json | jq '.items[].status.podIP'",
            "",
            "Exit code: 0 done, 1 error (no daemon, no such pod), 2 wrong usage."
        })
final class GetPods implements Callable<Integer> {

    private final Terminal terminal;

    @Mixin
    private ListOptions list;

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

    GetPods(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() throws ClientException, IOException, Names.NotFoundException {
        Names names = Names.of(argument, allNamespaces ? null : namespace);
        Json answer = list.get("/jubelet/v1/pods");
        List<Json> items =
                answer.at("items").items().stream().filter(names::mean).toList();
        if (names.name().isPresent() && items.isEmpty() && !list.watch()) {
            throw Names.NotFoundException.none(names, answer.at("items").items());
        }
        if (list.format().isTable()) {
            table(items, answer, names);
        } else if (list.watch()) {
            list.follow("/jubelet/v1/pods?watch=true", (_, item) -> {
                if (names.mean(item)) {
                    ObjectPrinter.print(item.at("pod"), list.format(), terminal.out());
                }
            });
        } else {
            ObjectPrinter.print(objects(names, items), list.format(), terminal.out());
        }
        return 0;
    }

    /** The pods as the Kubernetes API has them. */
    private Json objects(Names names, List<Json> items) throws ClientException, IOException {
        if (names.name().isPresent() && items.size() == 1) {
            return items.getFirst().at("pod");
        }
        String where = names.namespace()
                .map(name -> "/namespaces/" + LocalClient.encode(name))
                .orElse("");
        return list.get("/api/v1" + where + "/pods");
    }

    private void table(List<Json> items, Json answer, Names names) throws ClientException, IOException {
        List<Json> notRunHere = answer.at("podsNotRunHere").items();
        Instant now = terminal.clock().instant();
        boolean wide = list.wide();
        List<String> header = PodRow.header(wide);
        Table table = list.table(header, items.isEmpty());
        items.forEach(item -> table.add(PodRow.of(item, wide, now)));
        table.print(terminal.out());
        List<Json> manifests = list.get("/jubelet/v1/manifests").at("items").items();
        if (items.isEmpty() && !list.watch()) {
            terminal.err().println("No pods found.");
        }
        if (!wide) {
            Footer.ofPods(items, names.namespace(), now).forEach(terminal.err()::println);
        }
        Footer.ofManifests(manifests.stream()
                        .filter(manifest -> names.name().isEmpty() || isUnreadable(manifest) || keeps(manifest, items))
                        .toList())
                .forEach(terminal.err()::println);
        Footer.ofNode(answer.at("nodeProblem").text()).ifPresent(terminal.err()::println);
        if (names.name().isEmpty() && !notRunHere.isEmpty()) {
            String node = list.get("/version").at("node").text();
            List<String> pods = notRunHere.stream().map(Json::text).toList();
            Footer.ofPodsNotRunHere(pods, node).ifPresent(terminal.err()::println);
        }
        if (list.watch()) {
            follow(table, names, wide, items);
        }
    }

    private void follow(Table table, Names names, boolean wide, List<Json> items) throws ClientException, IOException {
        Map<String, List<String>> shown = new HashMap<>();
        items.forEach(item -> shown.put(key(item), row(item, wide)));
        Map<String, String> reasons = new HashMap<>();
        items.forEach(item -> reasons.put(key(item), item.at("message").text()));
        list.follow("/jubelet/v1/pods?watch=true", (type, item) -> {
            if (!names.mean(item)) {
                return;
            }
            List<String> row = row(item, wide);
            boolean deleted = type.equals("DELETED");
            if (deleted) {
                row.set(3, "Deleted");
                shown.remove(key(item));
            } else if (sameButAge(row, shown.put(key(item), row))) {
                row = List.of();
            }
            if (!row.isEmpty()) {
                table.add(row);
                table.print(terminal.out());
            }
            String why = item.at("message").text();
            if (!deleted && !wide && !why.equals(reasons.put(key(item), why))) {
                Footer.ofPod(item, terminal.clock().instant()).ifPresent(terminal.err()::println);
            }
        });
    }

    /** Whether it is the directory, whose state matters for every pod. */
    private static boolean isUnreadable(Json manifest) {
        return manifest.at("state").text().equals("Unreadable");
    }

    /** Whether the file declares one of these pods, so that a query for one pod leaves out the files of others. */
    private static boolean keeps(Json manifest, List<Json> items) {
        List<String> pods = manifest.at("pods").items().stream().map(Json::text).toList();
        return items.stream().map(GetPods::key).anyMatch(pods::contains);
    }

    private List<String> row(Json item, boolean wide) {
        return new ArrayList<>(PodRow.of(item, wide, terminal.clock().instant()));
    }

    /** Compares all but the age and the time since the last restart, because those change all the time. */
    private static boolean sameButAge(List<String> row, @Nullable List<String> before) {
        if (before == null) {
            return false;
        }
        for (int i = 0; i < row.size(); i++) {
            String now = row.get(i).replaceFirst(" \\(.*", "");
            if (i != 5 && !now.equals(before.get(i).replaceFirst(" \\(.*", ""))) {
                return false;
            }
        }
        return true;
    }

    private static String key(Json item) {
        return item.at("pod", "metadata", "namespace").text() + "/"
                + item.at("name").text();
    }
}
