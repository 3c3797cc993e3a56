/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.config;

import io.jubelet.document.FieldTable;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Predicate;

/** The pages below docs/reference, made from the table of settings, and from the lists of what the kubelet takes. */
final class ReferencePages {

    private static final String UPDATE = """
            This page is made from the table of settings. After a change of the table run
            `tools/test.sh -pl daemon -am -Dtest=ReferencePagesTest -Dreference.update=true -Dsurefire.failIfNoSpecifiedTests=false`
            and read the difference.
            """;

    private static final String FLAGS = """
            # Flags of jubelet run

            The flags are the kubelet's, and a few of Jubelet's own. A flag wins over its field in the file of `--config`, and
            the file over the default. [configuration.md](configuration.md) lists the fields, and [kubelet.md](kubelet.md)
            everything that a kubelet of 1.36 and 1.37 takes.

            Flags are read as the kubelet reads them:

            - Write `--flag=value` or `--flag value`, where the next word is the value whatever it looks like.
            - A flag of the type `BOOL` can stand alone, which means `true`. Write `--flag=false` for the opposite: a word
              behind such a flag is not its value.
            - A list or a map has commas between its items; you can also repeat its flag. Of other flags the last one counts.
            - A duration is written as `20s`, `1m30s` or `100ms`, a size as `10Mi`.

            """;

    private static final String CONFIGURATION = """
            # Fields of the configuration file

            `jubelet run --config=FILE` reads a KubeletConfiguration (`kubelet.config.k8s.io/v1beta1`, Kubernetes 1.36 and 1.37):

                apiVersion: kubelet.config.k8s.io/v1beta1
                kind: KubeletConfiguration
                staticPodPath: /srv/pods

            A flag wins over its field, and a field over the default. A field that is misspelt, or has a value that does not fit, is
            an error, and Jubelet names everything that is wrong with its line. A duration of `0s` stands for the default, as with
            the kubelet. A relative path is resolved against the directory of the file.

            With `--config-dir=DIR`, the files in DIR and below it that end in `.conf` are drop-ins, as with the kubelet. Each is
            a KubeletConfiguration. Its fields win over those of the file and of the drop-ins before it by name: mappings are
            merged field by field, a list replaces the whole list, and `null` takes a value away.

            [flags.md](flags.md) lists the flags, and [kubelet.md](kubelet.md) everything that a kubelet takes.

            """;

    private static final String KUBELET = """
            # What a kubelet takes, and what Jubelet makes of it

            Every flag of the kubelet of Kubernetes 1.36 and 1.37 and every field of its KubeletConfiguration, and whether it
            works here:

            - *honoured*: it has the effect that it has in the kubelet.
            - *no effect*: it is accepted, so that the unit and the files of a kubelet need no change. Jubelet logs a warning
              when it starts, unless the value is the default of the kubelet or asks for nothing.
            - *refused*: Jubelet does not start, because pods would be lost or run without what they need, and says what to
              change. A value that asks for nothing is accepted.

            The names come from the kubelet's own code: `tools/kubelet-settings.sh` extracts them, and a test fails where
            Jubelet does not know one of them.

            """;

    private ReferencePages() {}

    /**
     * The page of everything that a kubelet takes.
     *
     * @param releases the lists of flags and fields, by release
     */
    static String kubelet(Map<String, List<KubeletSetting>> releases) {
        StringBuilder page = new StringBuilder(KUBELET).append(UPDATE);
        for (boolean isFlag : new boolean[] {true, false}) {
            Map<String, List<String>> names = new TreeMap<>();
            releases.forEach((release, settings) -> settings.stream()
                    .filter(setting -> setting.isFlag() == isFlag)
                    .forEach(setting -> names.computeIfAbsent(setting.name(), _ -> new ArrayList<>())
                            .add(release)));
            heading(page, isFlag ? "Flags" : "Fields", isFlag ? "Flag" : "Field", "Release", "Here", "");
            names.forEach((name, known) -> row(
                    page,
                    "`" + name + "`",
                    String.join(", ", known),
                    use(name),
                    SettingTable.all().stream()
                            .filter(setting -> isNamed(setting, name))
                            .map(setting -> setting.text()
                                    .replace("has no effect: ", "")
                                    .replace("has no effect yet in Jubelet: ", "not yet: ")
                                    .replace("has no effect yet in Jubelet", "not yet"))
                            .findFirst()
                            .orElse("Shows the " + name.substring(2) + ".")));
        }
        return page.toString();
    }

    private static String use(String name) {
        return SettingTable.all().stream()
                .filter(setting -> isNamed(setting, name))
                .findFirst()
                .map(setting -> switch (setting.use()) {
                    case HONOURED -> "honoured";
                    case REFUSED -> "refused";
                    default -> "no effect";
                })
                .orElse("honoured");
    }

    static boolean isNamed(Setting setting, String name) {
        return setting.flags().contains(name) || setting.field().equals(Optional.of(name));
    }

    static String flags() {
        StringBuilder page = new StringBuilder(FLAGS).append(UPDATE);
        for (Section section : Section.values()) {
            heading(page, section.title(), "Flag", "Field", "Default", "Meaning");
            for (Setting setting : rows(section, ReferencePages::isHonoured)) {
                if (setting.hasFlag()) {
                    row(page, flag(setting), field(setting), defaultValue(setting), setting.text());
                }
            }
        }
        withoutEffect(page, "Flag");
        for (Setting setting : SettingTable.all()) {
            if (setting.hasFlag() && !isHonoured(setting)) {
                row(page, flag(setting), setting.text());
            }
        }
        return page.toString();
    }

    static String configuration() {
        StringBuilder page = new StringBuilder(CONFIGURATION).append(UPDATE);
        for (Section section : Section.values()) {
            heading(page, section.title(), "Field", "Flag", "Default", "Meaning");
            for (Setting setting : rows(section, ReferencePages::isHonoured)) {
                if (setting.field().isPresent()) {
                    String flag = setting.hasFlag() ? "`" + setting.name() + "`" : "";
                    row(page, field(setting), flag, defaultValue(setting), setting.text());
                }
            }
        }
        withoutEffect(page, "Field");
        for (Setting setting : SettingTable.all()) {
            if (setting.field().isPresent() && !isHonoured(setting)) {
                row(page, field(setting), setting.text());
            }
        }
        return page.toString();
    }

    private static List<Setting> rows(Section section, Predicate<Setting> filter) {
        return SettingTable.all().stream()
                .filter(setting -> setting.section() == section)
                .filter(filter)
                .toList();
    }

    private static boolean isHonoured(Setting setting) {
        return setting.use() == FieldTable.Use.HONOURED;
    }

    private static void withoutEffect(StringBuilder page, String name) {
        page.append("""

                ## Without effect

                These are accepted, so that the units and files of a kubelet need no change, except for those that are not
                supported, because pods would be lost. Jubelet warns you when you set one, unless it cannot matter here.
                """);
        table(page, name, "Why");
    }

    private static void heading(StringBuilder page, String title, String... columns) {
        page.append("\n## ").append(title).append('\n');
        table(page, columns);
    }

    private static void table(StringBuilder page, String... columns) {
        page.append('\n');
        row(page, columns);
        page.append("|---".repeat(columns.length)).append("|\n");
    }

    private static void row(StringBuilder page, String... cells) {
        for (String cell : cells) {
            page.append("| ").append(cell.replace("|", "\\|")).append(cell.isEmpty() ? "" : " ");
        }
        page.append("|\n");
    }

    private static String flag(Setting setting) {
        StringBuilder flags = new StringBuilder();
        for (String name : setting.flags()) {
            flags.append(flags.isEmpty() ? "`" : "`, `").append(name);
        }
        return flags
                + (setting.type() == ValueType.BOOLEAN
                        ? "[=BOOL]`"
                        : "=" + setting.type().placeholder() + "`");
    }

    private static String field(Setting setting) {
        return setting.field().map(field -> "`" + field + "`").orElse("");
    }

    private static String defaultValue(Setting setting) {
        return setting.defaultValue().map(value -> "`" + value + "`").orElse("");
    }
}
