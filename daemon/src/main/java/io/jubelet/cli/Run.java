/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.cli;

import io.jubelet.config.FlagValues;
import io.jubelet.config.Section;
import io.jubelet.config.Setting;
import io.jubelet.config.SettingTable;
import io.jubelet.config.Settings;
import io.jubelet.config.ValueType;
import io.jubelet.document.FieldTable;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.ToIntFunction;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgGroupSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;

/**
 * {@code jubelet run}, whose options Picocli takes from the table of settings. It explains them, and what is wrong with them;
 * a command line in which nothing is wrong is read by {@link RunFlags} without Picocli.
 */
final class Run implements Callable<Integer> {

    private static final String[] DESCRIPTION = {
        "",
        "The flags are the kubelet's own. A flag wins over the configuration file, and the file over the default.",
        "Pods live on when the daemon stops, and are taken over when it starts again.",
        ""
    };

    private static final String[] FOOTER = {
        "A list has commas between its items; you can also repeat its flag. Of other flags the last one counts.",
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
    }

    /**
     * The command line of the command, which calls {@code daemon} for the exit code.
     *
     * @param socket the value of {@code --api-socket} before the command, which counts if there is none behind it
     */
    static CommandLine commandLine(ToIntFunction<FlagValues> daemon, Optional<String> socket) {
        return new CommandLine(new Run(daemon, socket).spec).setOverwrittenOptionsAllowed(true);
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
        OptionSpec.Builder option = OptionSpec.builder(setting.flags().toArray(String[]::new))
                .paramLabel(setting.type().placeholder())
                .description(setting.help().replace("%", "%%"))
                .hidden(setting.use() != FieldTable.Use.HONOURED)
                .order(order);
        if (setting.type() == ValueType.BOOLEAN) {
            // As Picocli knows the type, it does not take the next word for a value unless that is true or false.
            return option.type(Boolean.class)
                    .arity("0..1")
                    .fallbackValue("true")
                    .build();
        }
        return setting.type().isList()
                ? option.type(List.class)
                        .auxiliaryTypes(String.class)
                        .arity("1")
                        .build()
                : option.type(String.class).arity("1").build();
    }

    @Override
    public Integer call() {
        Map<Setting, String> values = new LinkedHashMap<>();
        for (OptionSpec option : spec.options()) {
            Object value = option.getValue();
            if (value == null || option.usageHelp()) {
                continue;
            }
            Setting setting = SettingTable.flag(option.longestName()).orElseThrow();
            if (value instanceof List<?> items) {
                items.forEach(item -> FlagValues.add(values, setting, String.valueOf(item)));
            } else {
                FlagValues.add(values, setting, String.valueOf(value));
            }
        }
        FlagValues flags = new FlagValues(values);
        List<String> problems = flags.problems();
        if (!problems.isEmpty()) {
            throw new ParameterException(spec.commandLine(), String.join("; ", problems));
        }
        return daemon.applyAsInt(socket.isEmpty() ? flags : flags.withDefault(Settings.API_SOCKET, socket.get()));
    }
}
