/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cli;

import io.jubelet.desired.ManifestCheck;
import io.jubelet.desired.ManifestNames;
import io.jubelet.document.Documents;
import io.jubelet.document.FileProblem;
import io.jubelet.manifest.ManifestFile;
import io.jubelet.node.NodeFacts;
import io.jubelet.pod.NodeNames;
import io.jubelet.printing.Table;
import io.jubelet.rollout.ManifestInput;
import io.jubelet.rollout.ManifestInstaller;
import io.jubelet.rollout.UnifiedDiff;
import io.jubelet.validation.ManifestFix;
import io.jubelet.validation.SarifLog;
import io.jubelet.validation.ValidationReport;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code jubelet validate}. */
@Command(
        name = "validate",
        header = "Check manifests as the daemon does, before they are in its directory.",
        description = {
            "",
            "Needs no daemon: the checks are those of the daemon itself. Each finding has file:line:column, the field,",
            "what is wrong and what would be right. The files of a directory are checked together: two files with the",
            "same pod are an error, and a ConfigMap or Secret that a pod needs and no file declares is a warning. Files",
            "that are named one by one are checked together for the same pod only. What depends on the node is not",
            "checked: its limit of pods, its resources, ports in use, images, and the paths of hostPath volumes.",
            "",
            "With --fix, files are rewritten with comments and layout kept: what an API server added to an exported",
            "pod goes, misspelt fields and words are corrected, and fields at the wrong level are moved. The difference",
            "is printed. Standard input is printed as it is after that.",
            ""
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  jubelet validate web.yaml",
            "  jubelet validate /etc/kubernetes/manifests",
            "  helm template web | jubelet validate -",
            "  jubelet validate -o sarif manifests/ > manifests.sarif",
            "  kubectl get pod web -o yaml | jubelet validate --fix - > web.yaml",
            "",
            "Exit code: 0 valid, 1 errors, or warnings with --strict; 2 wrong usage, or a file cannot be read."
        })
final class Validate implements Callable<Integer> {

    /** A format of the report. */
    enum Format {
        text,
        json,
        sarif
    }

    private final Terminal terminal;
    private final InputStream input;
    /** Whether standard output has the mended manifest. */
    private boolean printed;

    @Parameters(
            paramLabel = "FILE|DIR",
            arity = "1..*",
            description = "Manifests, and directories of manifests; - reads standard input.")
    private List<String> paths;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FORMAT",
            defaultValue = "text",
            description = "One of: ${COMPLETION-CANDIDATES}. Default: text.")
    private Format format;

    @Option(names = "--strict", description = "End with 1 for warnings, too.")
    private boolean strict;

    @Option(names = "--fix", description = "Mend what is safe to mend, print the difference, and check the result.")
    private boolean fix;

    @Option(
            names = "--check-access",
            description = "Check mode and owner of the files, too. Useful in the manifest directory of the daemon.")
    private boolean access;

    @Option(
            names = "--hostname-override",
            paramLabel = "NAME",
            description = "Name of the node. Default: the name of this machine.")
    private @Nullable String node;

    @Option(
            names = "--manifest-names",
            paramLabel = "WHICH",
            defaultValue = "yaml",
            description = "As of jubelet run: yaml or kubelet. Default: yaml.")
    private Names names;

    @Option(
            names = "--local-config",
            paramLabel = "BOOLEAN",
            arity = "0..1",
            defaultValue = "true",
            fallbackValue = "true",
            description = "As of jubelet run: whether ConfigMaps and Secrets are read. Default: true.")
    private boolean localConfig;

    /** Which files of a directory are manifests, in the words of the flag of the daemon. */
    enum Names {
        yaml,
        kubelet
    }

    Validate(Terminal terminal, InputStream input) {
        this.terminal = terminal;
        this.input = input;
    }

    @Override
    public Integer call() throws IOException {
        ManifestCheck.Rules rules = new ManifestCheck.Rules(
                NodeNames.of(node == null ? NodeFacts.readHostName() : node.toLowerCase(Locale.ROOT)),
                localConfig,
                names == Names.kubelet ? ManifestNames.KUBELET : ManifestNames.YAML,
                access);
        ManifestCheck files = new ManifestCheck(rules);
        List<ManifestCheck> checks = new ArrayList<>(List.of(files));
        boolean unreadable = false;
        for (String path : new LinkedHashSet<>(paths)) {
            Optional<String> problem = read(path, files, checks, rules);
            if (problem.isPresent()) {
                terminal.err().println("error: " + Table.printable(problem.get()));
                unreadable = true;
            }
        }
        ValidationReport report = new ValidationReport(
                checks.stream().flatMap(check -> check.result().stream()).toList());
        print(report);
        if (unreadable || report.isIncomplete()) {
            return CommandLine.ExitCode.USAGE;
        }
        return report.errors() > 0 || (strict && report.warnings() > 0)
                ? CommandLine.ExitCode.SOFTWARE
                : CommandLine.ExitCode.OK;
    }

    /** Why a path cannot be read; empty if it was. */
    private Optional<String> read(
            String path, ManifestCheck files, List<ManifestCheck> checks, ManifestCheck.Rules rules) {
        try {
            if (path.equals(ManifestInput.STANDARD_INPUT)) {
                files.content("stdin", fixedInput(rules));
            } else if (fix) {
                fixFiles(Path.of(path), rules);
            }
            if (path.equals(ManifestInput.STANDARD_INPUT)) {
                return Optional.empty();
            }
            if (Files.isDirectory(Path.of(path))) {
                ManifestCheck directory = new ManifestCheck(rules);
                directory.directory(Path.of(path));
                checks.add(directory);
            } else {
                files.file(Path.of(path));
            }
            return Optional.empty();
        } catch (IOException e) {
            return Optional.of(FileProblem.of(e));
        } catch (InvalidPathException e) {
            return Optional.of(path + " is not the path of a file");
        }
    }

    /** The content of standard input, mended if that is wanted; then it is printed, too. */
    private byte[] fixedInput(ManifestCheck.Rules rules) throws IOException {
        byte[] content = ManifestInput.read(ManifestInput.STANDARD_INPUT, input);
        if (!fix) {
            return content;
        }
        String text = new String(content, StandardCharsets.UTF_8);
        String mended = mended(content, text, "stdin", rules);
        printed = true;
        show(UnifiedDiff.of("stdin", text, "stdin mended", mended));
        terminal.out().print(mended);
        terminal.out().flush();
        return mended.getBytes(StandardCharsets.UTF_8);
    }

    private void fixFiles(Path path, ManifestCheck.Rules rules) throws IOException {
        List<Path> files = new ArrayList<>();
        if (Files.isDirectory(path)) {
            try (Stream<Path> all = Files.list(path)) {
                all.filter(file -> Files.isRegularFile(file)
                                && rules.names()
                                        .ignoredReason(file.getFileName().toString())
                                        .isEmpty())
                        .sorted()
                        .forEach(files::add);
            }
        } else {
            files.add(path);
        }
        for (Path file : files) {
            byte[] content = ManifestInput.read(file.toString(), input);
            String text = new String(content, StandardCharsets.UTF_8);
            String mended = mended(content, text, file.toAbsolutePath().toString(), rules);
            if (!mended.equals(text)) {
                ManifestInstaller.rewrite(file, mended.getBytes(StandardCharsets.UTF_8));
                show(UnifiedDiff.of(file.toString(), text, file + " mended", mended));
            }
        }
    }

    /** The mended text; the same text for content that is too large or no text. */
    private static String mended(byte[] content, String text, String path, ManifestCheck.Rules rules) {
        boolean whole =
                content.length <= Documents.MAX_SIZE && Arrays.equals(content, text.getBytes(StandardCharsets.UTF_8));
        ManifestFile.Source source =
                new ManifestFile.Source(path, rules.nodes(), rules.localConfig(), Optional.empty());
        return whole ? ManifestFix.of(text, source) : text;
    }

    /** Where people read what standard output has no place for. */
    private PrintStream aside() {
        return printed || format != Format.text ? terminal.err() : terminal.out();
    }

    private void show(String diff) {
        diff.lines().forEach(line -> aside().println(Table.printable(line)));
    }

    private void print(ValidationReport report) {
        switch (format) {
            case text -> {
                for (String line : report.lines()) {
                    aside().println(Table.printable(line));
                }
                terminal.out().flush();
                terminal.err().println(report.summary());
            }
            case json -> terminal.out().println(report.json());
            case sarif -> terminal.out().println(SarifLog.of(report, ShowVersion.current()));
        }
        terminal.out().flush();
    }
}
