/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.config;

import io.jubelet.document.FieldTable;
import java.util.List;
import java.util.function.Predicate;

/** The pages docs/reference/flags.md and docs/reference/configuration.md, made from the table of settings. */
final class ReferencePages {

    private static final String UPDATE = """
            This page is made from the table of settings. After a change of the table run
            `tools/test.sh -pl daemon -am -Dtest=ReferencePagesTest -Dreference.update=true -Dsurefire.failIfNoSpecifiedTests=false`
            and read the difference.
            """;

    private static final String FLAGS = """
            # Flags of jubelet run

            The flags are the kubelet's (Kubernetes 1.36), and a few of Jubelet's own. A flag wins over its field in the file of
            `--config`, and the file over the default. [configuration.md](configuration.md) lists the fields.

            - Write `--flag=value` or `--flag value`. A flag of the type `BOOL` can stand alone, which means `true`.
            - A list has commas between its items; you can also repeat its flag. Of other flags the last one counts.
            - A duration is written as `20s`, `1m30s` or `100ms`, a size as `10Mi`.

            """;

    private static final String CONFIGURATION = """
            # Fields of the configuration file

            `jubelet run --config=FILE` reads a KubeletConfiguration (`kubelet.config.k8s.io/v1beta1`, Kubernetes 1.36):

                apiVersion: kubelet.config.k8s.io/v1beta1
                kind: KubeletConfiguration
                staticPodPath: /srv/pods

            A flag wins over its field, and a field over the default. A field that is misspelt, or has a value that does not fit, is
            an error, and Jubelet names everything that is wrong with its line. A duration of `0s` stands for the default, as with
            the kubelet. A relative path is resolved against the directory of the file.
            [flags.md](flags.md) lists the flags.

            """;

    private ReferencePages() {}

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

                These are accepted, so that the units and files of a kubelet need no change. Jubelet warns you when you set one,
                unless it cannot matter here.
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
