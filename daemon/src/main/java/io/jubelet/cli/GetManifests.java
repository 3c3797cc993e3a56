/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cli;

import io.jubelet.api.ClientException;
import io.jubelet.printing.Json;
import io.jubelet.printing.ManifestRow;
import io.jubelet.printing.ObjectPrinter;
import io.jubelet.printing.Table;
import java.io.IOException;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code jubelet get manifests}. */
@Command(
        name = "manifests",
        aliases = {"manifest", "mf"},
        header = "Show every file of the manifest directory and its state.",
        description = {
            "",
            "Accepted      its pods are kept running",
            "Refused       it has errors; its last good content, if any, keeps running",
            "PartlyRefused some of its documents have errors; the others run, unless one pod uses both",
            "Conflict      it declares a pod that another file already declares",
            "BeingWritten  a program is still writing it",
            "Ignored       not a manifest: a backup, another extension, not a plain file",
            "NotRead       it looks like a pod, but only a kubelet reads a file of this name",
            "Unreadable    it cannot be read; its pods keep running",
            "Empty         the directory contains no manifest",
            ""
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  jubelet get manifests                 all files",
            "  jubelet get manifests -o wide         with all problems of each file, and not only the first",
            "  jubelet get manifests -w              all files, and then each change",
            "",
            "Exit code: 0 done, 1 error, 2 wrong usage."
        })
final class GetManifests implements Callable<Integer> {

    private final Terminal terminal;

    @Mixin
    private ListOptions list;

    GetManifests(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() throws ClientException, IOException {
        if (!list.format().isTable()) {
            if (list.watch()) {
                list.follow(
                        "/jubelet/v1/manifests?watch=true",
                        (_, manifest) -> ObjectPrinter.print(manifest, list.format(), terminal.out()));
            }
            ObjectPrinter.print(list.get("/jubelet/v1/manifests"), list.format(), terminal.out());
            return 0;
        }
        List<Json> manifests = list.get("/jubelet/v1/manifests").at("items").items();
        Instant now = terminal.clock().instant();
        boolean wide = list.wide();
        Table table = list.table(ManifestRow.HEADER, manifests.isEmpty());
        manifests.forEach(manifest -> table.add(ManifestRow.of(manifest, wide, now)));
        table.print(terminal.out());
        if (list.watch()) {
            follow(table, wide, manifests);
        } else if (manifests.isEmpty()) {
            terminal.err().println("No manifests found.");
        }
        return 0;
    }

    private void follow(Table table, boolean wide, List<Json> manifests) throws ClientException, IOException {
        Map<String, Json> shown = new HashMap<>();
        manifests.forEach(manifest -> shown.put(manifest.at("path").text(), manifest));
        list.follow("/jubelet/v1/manifests?watch=true", (type, manifest) -> {
            String path = manifest.at("path").text();
            if (type.equals("DELETED")) {
                shown.remove(path);
                table.add(List.of(path, "Deleted", "<none>", "0s", "<none>"));
            } else if (!manifest.equals(shown.put(path, manifest))) {
                table.add(ManifestRow.of(manifest, wide, terminal.clock().instant()));
            }
            table.print(terminal.out());
        });
    }
}
