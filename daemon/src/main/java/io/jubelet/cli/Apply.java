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
import io.jubelet.rollout.ManifestInstaller;
import io.jubelet.rollout.Rollout;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Stack;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.IParameterPreprocessor;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code jubelet apply}. */
@Command(
        name = "apply",
        header = "Check a manifest, and put it into the manifest directory.",
        description = {
            "",
            "The file is checked as by jubelet validate, written beside the others under its own name, with mode 0600 and",
            "the user of the daemon as its owner, and renamed when it is whole. Then the daemon is asked until it has",
            "accepted the file. With --wait, apply tells what happens to each pod, and ends when all are ready in the new",
            "version, or says why they are not. Needs the right to write into the manifest directory.",
            ""
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  jubelet apply web.yaml",
            "  jubelet apply web.yaml --wait --timeout=2m",
            "  helm template web | jubelet apply - --as=web.yaml",
            "",
            "Exit code: 0 done, 1 not valid, not ready, or another error; 2 wrong usage."
        })
final class Apply implements Callable<Integer> {

    /** What can be waited for. */
    enum Goal {
        ready
    }

    /** A daemon that is alive sees a file in milliseconds, or polls it every second. */
    private static final Duration ACCEPTANCE = Duration.ofSeconds(10);

    private static final long PAUSE_MILLIS = 200;

    private final Terminal terminal;
    private final InputStream input;

    @Spec
    private CommandSpec spec;

    @Mixin
    private SocketOption socket;

    @Parameters(paramLabel = "FILE", description = "The manifest; - reads standard input, and needs --as.")
    private String path;

    @Option(names = "--as", paramLabel = "NAME", description = "Name in the manifest directory. Default: that of FILE.")
    private @Nullable String name;

    @Option(
            names = "--wait",
            paramLabel = "FOR",
            arity = "0..1",
            fallbackValue = "ready",
            preprocessor = OnlyBehindEqualsSign.class,
            description = "Wait until the pods are ready, or have succeeded.")
    private @Nullable Goal goal;

    @Option(
            names = "--timeout",
            paramLabel = "DURATION",
            defaultValue = "5m",
            converter = DurationOption.class,
            description = "How long --wait waits. Default: 5m.")
    private Duration timeout;

    Apply(Terminal terminal, InputStream input) {
        this.terminal = terminal;
        this.input = input;
    }

    @Override
    public Integer call() throws ClientException, CommandException, InterruptedException {
        try {
            return apply();
        } catch (IOException e) {
            throw new CommandException(FileProblem.of(e));
        }
    }

    private int apply() throws ClientException, CommandException, IOException, InterruptedException {
        if (path.equals(ManifestInput.STANDARD_INPUT) && name == null) {
            throw new ParameterException(spec.commandLine(), "standard input has no name: write --as=NAME.yaml");
        }
        byte[] content = ManifestInput.read(path, input);
        DaemonManifests daemon = new DaemonManifests(socket::get);
        DaemonManifests.Directory directory = daemon.directory();
        if (!directory.singleFile() && !Files.isDirectory(directory.path())) {
            throw new CommandException(
                    "the manifest directory " + directory.path() + " does not exist; create it first");
        }
        Path target = directory.target(Path.of(name == null ? path : name));
        Optional<String> unread = directory.unreadName(target);
        if (unread.isPresent()) {
            throw new CommandException(
                    "the daemon would not read " + target + ": " + unread.get() + "; give it another name with --as");
        }
        ManifestFile file = ManifestFile.parse(content, directory.source(target));
        report(file);
        if (!file.accepted()) {
            return 1;
        }
        ManifestChanges changes = ManifestChanges.of(file, Optional.of(target), daemon);
        for (Map.Entry<?, String> conflict : changes.conflicts().entrySet()) {
            throw new CommandException(conflict.getKey() + " belongs to " + conflict.getValue()
                    + ", which would keep it; remove that file, or use its name with --as");
        }
        boolean installed = ManifestInstaller.install(target, content, directory.uid());
        say(target + (installed ? " is installed" : " is unchanged"));
        for (ManifestChanges.Change change : changes.changes()) {
            say(change.key() + ": " + change.effect());
        }
        Rollout rollout = new Rollout(file, target, daemon, new RealClock(), this::say);
        Optional<String> refusal = rollout.awaitAcceptance(ACCEPTANCE);
        if (refusal.isPresent()) {
            throw new CommandException(refusal.get());
        }
        if (goal == null) {
            return 0;
        }
        List<String> failures = rollout.awaitReady(timeout);
        failures.forEach(failure -> terminal.err().println("error: " + Table.printable(failure)));
        return failures.isEmpty() ? 0 : 1;
    }

    private void report(ManifestFile file) {
        for (Finding error : file.errors()) {
            terminal.err().println("error: " + Table.printable(path + ": " + error));
        }
        for (Finding warning : file.warnings()) {
            terminal.err().println("warning: " + Table.printable(path + ": " + warning));
        }
    }

    private void say(String line) {
        terminal.out().println(Table.printable(line));
        terminal.out().flush();
    }

    /** The word behind {@code --wait} is the file, and no value. */
    static final class OnlyBehindEqualsSign implements IParameterPreprocessor {
        @Override
        public boolean preprocess(
                Stack<String> words, CommandSpec command, ArgSpec option, Map<String, Object> details) {
            if (details.get("separator") instanceof String separator && separator.equals("=")) {
                return false;
            }
            option.setValue(Goal.ready);
            return true;
        }
    }

    private static final class RealClock implements Rollout.Clock {
        @Override
        public Duration now() {
            return Duration.ofNanos(System.nanoTime());
        }

        @Override
        public void pause() throws InterruptedException {
            Thread.sleep(PAUSE_MILLIS);
        }
    }
}
