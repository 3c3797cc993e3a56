/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cli;

import io.jubelet.config.FlagParser;
import io.jubelet.config.FlagValues;
import io.jubelet.config.Section;
import io.jubelet.config.Setting;
import io.jubelet.config.SettingTable;
import io.jubelet.config.Settings;
import io.jubelet.config.ValueType;
import io.jubelet.document.FieldTable;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Stack;
import java.util.concurrent.Callable;
import java.util.function.ToIntFunction;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgGroupSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;

/**
 * {@code jubelet run}. Picocli explains its options, which it takes from the table of settings, and reports what is wrong with
 * them. It does not read them: {@link FlagParser} does, as pflag, whose rules Picocli cannot follow.
 */
final class Run implements Callable<Integer> {

    private static final String[] DESCRIPTION = {
        "",
        "The flags are the kubelet's own. A flag wins over the configuration file, and the file over the default.",
        "Pods live on when the daemon stops, and are taken over when it starts again.",
        ""
    };

    private static final String[] FOOTER = {
        "A list has commas between its items; you can also repeat its flag. Of other flags the last one counts. Write a",
        "boolean with its value as --flag=false.",
        "Flags of the kubelet that have no effect here are accepted with a warning, so that the unit and the flags that",
        "kubeadm writes need no change. docs/reference has every flag and every field of the configuration file.",
        "",
        "Examples:",
        "  jubelet run",
        "  jubelet run --pod-manifest-path=/srv/pods --hostname-override=edge7",
        "  jubelet run --config=/etc/kubernetes/kubelet.yaml",
        "  jubelet run --container-runtime-endpoint=simulated: --root-dir=/tmp/j --api-socket=/tmp/j/j.sock \\",
        "      --pod-manifest-path=manifests-example        without containerd and without root",
        "",
        "Exit code: 0 stopped on request, 1 error, 2 wrong usage."
    };

    private final ToIntFunction<FlagValues> daemon;
    private final Optional<String> socket;
    private final CommandSpec spec;
    private final List<String> words = new ArrayList<>();

    private Run(ToIntFunction<FlagValues> daemon, Optional<String> socket) {
        this.daemon = daemon;
        this.socket = socket;
        this.spec = CommandSpec.wrapWithoutInspection(this).name("run");
        spec.usageMessage()
                .header("Run the daemon: keep the pods of the manifest directory running.")
                .description(DESCRIPTION)
                .abbreviateSynopsis(true)
                .sortOptions(false)
                .footerHeading("%n")
                .footer(FOOTER);
        for (Section section : Section.values()) {
            spec.addArgGroup(group(section));
        }
        spec.preprocessor((stack, _, _, _) -> takeAll(stack));
    }

    private boolean takeAll(Stack<String> stack) {
        while (!stack.isEmpty()) {
            words.add(stack.pop());
        }
        return true;
    }

    /**
     * The command line of the command, which calls {@code daemon} for the exit code.
     *
     * @param socket the value of {@code --api-socket} before the command, which counts if there is none behind it
     */
    static CommandLine commandLine(ToIntFunction<FlagValues> daemon, Optional<String> socket) {
        return new CommandLine(new Run(daemon, socket).spec);
    }

    private static ArgGroupSpec group(Section section) {
        ArgGroupSpec.Builder group = ArgGroupSpec.builder()
                .exclusive(false)
                .validate(false)
                .multiplicity("0..1")
                .heading("%n" + section.title() + ":%n")
                .order(section.ordinal());
        int order = 0;
        for (Setting setting : SettingTable.all()) {
            if (setting.section() == section && setting.hasFlag()) {
                group.addArg(option(setting, order++));
            }
        }
        return group.build();
    }

    private static OptionSpec option(Setting setting, int order) {
        boolean alone = setting.type() == ValueType.BOOLEAN;
        return OptionSpec.builder(setting.flags().toArray(String[]::new))
                .paramLabel(setting.type().placeholder())
                .description(setting.help().replace("%", "%%"))
                .hidden(setting.use() != FieldTable.Use.HONOURED)
                .order(order)
                .type(String.class)
                .arity(alone ? "0..1" : "1")
                .build();
    }

    @Override
    public Integer call() {
        FlagParser.Result result = FlagParser.parse(words);
        CommandLine command = spec.commandLine();
        if (!result.problems().isEmpty()) {
            throw new ParameterException(command, String.join("; ", result.problems()));
        }
        if (result.request() == FlagParser.Request.HELP) {
            command.usage(command.getOut());
            return CommandLine.ExitCode.OK;
        }
        if (result.request() == FlagParser.Request.VERSION) {
            command.getOut().println("jubelet " + ShowVersion.current());
            return CommandLine.ExitCode.OK;
        }
        FlagValues flags = result.flags();
        return daemon.applyAsInt(socket.isEmpty() ? flags : flags.withDefault(Settings.API_SOCKET, socket.get()));
    }
}
