/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cli;

import io.jubelet.api.ClientException;
import io.jubelet.document.FileProblem;
import io.jubelet.document.Finding;
import io.jubelet.manifest.ManifestFile;
import io.jubelet.printing.Table;
import io.jubelet.rollout.DaemonManifests;
import io.jubelet.rollout.ManifestChanges;
import io.jubelet.rollout.ManifestInput;
import io.jubelet.rollout.UnifiedDiff;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code jubelet diff}. */
@Command(
        name = "diff",
        header = "Show what a manifest would change against what runs.",
        description = {
            "",
            "Says for each object of the file whether nothing changes, or the pod is started, replaced or stopped, and",
            "prints the difference of what users write, without comments and the order of keys. A file of the same name in",
            "the manifest directory counts as the one that would be replaced. The daemon serves no Secrets, so they are not",
            "compared.",
            ""
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  jubelet diff web.yaml",
            "  helm template web | jubelet diff -",
            "",
            "Exit code: 0 nothing differs, 1 something differs, 2 error or wrong usage."
        })
final class Diff implements Callable<Integer> {

    private static final int SAME = 0;
    private static final int DIFFERENT = 1;
    private static final int FAILED = 2;

    private final Terminal terminal;
    private final InputStream input;

    @Mixin
    private SocketOption socket;

    @Parameters(paramLabel = "FILE", description = "The manifest; - reads standard input.")
    private String path;

    Diff(Terminal terminal, InputStream input) {
        this.terminal = terminal;
        this.input = input;
    }

    @Override
    public Integer call() {
        try {
            return compare();
        } catch (ClientException e) {
            return fail(String.valueOf(e.getMessage()));
        } catch (IOException e) {
            return fail(FileProblem.of(e));
        }
    }

    private int compare() throws ClientException, IOException {
        boolean standardInput = path.equals(ManifestInput.STANDARD_INPUT);
        byte[] content = ManifestInput.read(path, input);
        DaemonManifests daemon = new DaemonManifests(socket::get);
        DaemonManifests.Directory directory = daemon.directory();
        Optional<Path> target = standardInput ? Optional.empty() : Optional.of(directory.target(Path.of(path)));
        ManifestFile file = ManifestFile.parse(content, directory.source(target.orElse(directory.path())));
        if (!file.accepted()) {
            for (Finding error : file.errors()) {
                fail(path + ": " + error);
            }
            return FAILED;
        }
        ManifestChanges changes = ManifestChanges.of(file, target, daemon);
        for (ManifestChanges.Change change : changes.changes()) {
            terminal.out().println(Table.printable(change.key().inWords() + ": " + change.effect()));
            if (change.different()) {
                String name = change.key().toString();
                print(UnifiedDiff.of(name + " now", change.before(), name + " of " + path, change.after()));
            }
        }
        changes.conflicts()
                .forEach((key, other) -> terminal.err()
                        .println(Table.printable("warning: " + key.inWords() + " belongs to " + other
                                + ", which would keep it; remove that file, or let this one have its name")));
        terminal.out().flush();
        return changes.different() ? DIFFERENT : SAME;
    }

    private void print(String diff) {
        diff.lines().forEach(line -> terminal.out().println(Table.printable(line)));
    }

    private int fail(String message) {
        terminal.out().flush();
        terminal.err().println("error: " + Table.printable(message));
        return FAILED;
    }
}
