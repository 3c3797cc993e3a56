/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.config;

import io.jubelet.document.FieldTable;
import io.jubelet.document.FieldTree;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Every flag of {@code jubelet run} and every field of KubeletConfiguration v1beta1 (Kubernetes 1.36), each declared once: in
 * {@link Settings} what is honoured, in {@link SettingsWithoutEffect} what is accepted for the sake of a kubelet's
 * configuration. The parsers of the command line, the parser of the configuration file, the help and the reference pages are
 * made from these rows.
 */
public final class SettingTable {

    private SettingTable() {}

    /** The row of a flag such as {@code --root-dir}; empty when there is no such flag. */
    public static Optional<Setting> flag(String name) {
        Setting honoured = find(Settings.all(), name);
        // Most command lines have no flag without effect, and then that part of the table is not loaded.
        return Optional.ofNullable(
                honoured != null || !name.startsWith("--") ? honoured : find(SettingsWithoutEffect.all(), name));
    }

    private static @Nullable Setting find(List<Setting> settings, String flag) {
        for (int i = 0; i < settings.size(); i++) {
            if (settings.get(i).flags().contains(flag)) {
                return settings.get(i);
            }
        }
        return null;
    }

    /** All rows, those with an effect first. */
    public static List<Setting> all() {
        List<Setting> all = new ArrayList<>(Settings.all());
        all.addAll(SettingsWithoutEffect.all());
        return all;
    }

    /**
     * The fields that a mapping of KubeletConfiguration may have.
     *
     * @param settings the rows to take them from
     * @param path of the mapping, such as {@code authentication.webhook}; empty for the document itself
     */
    static FieldTable fields(Collection<Setting> settings, String path) {
        FieldTable table = FieldTable.of(path.isEmpty() ? "a KubeletConfiguration" : path);
        String prefix = path.isEmpty() ? "" : path + ".";
        Set<String> mappings = new HashSet<>();
        for (Setting setting : settings) {
            String field = setting.field().orElse("");
            if (field.isEmpty() || !field.startsWith(prefix)) {
                continue;
            }
            String name = field.substring(prefix.length());
            int dot = name.indexOf('.');
            if (dot < 0) {
                add(table, setting, name);
            } else if (mappings.add(name.substring(0, dot))) {
                table.honoured(name.substring(0, dot));
            }
        }
        return table;
    }

    /** The tables of all mappings of KubeletConfiguration, for hints where a misplaced field belongs. */
    static FieldTree tree() {
        List<Setting> all = all();
        FieldTree tree = new FieldTree().at("", fields(all, ""));
        Set<String> paths = new HashSet<>();
        for (Setting setting : all) {
            String field = setting.field().orElse("");
            for (int dot = field.indexOf('.'); dot >= 0; dot = field.indexOf('.', dot + 1)) {
                String path = field.substring(0, dot);
                if (paths.add(path)) {
                    tree.at(path, fields(all, path));
                }
            }
        }
        return tree;
    }

    /** The flags among {@code settings} that are no fields, as the fields of a mapping with their names as keys. */
    static FieldTable flagsWithoutField(Collection<Setting> settings) {
        FieldTable table = FieldTable.of("the command line");
        for (Setting setting : settings) {
            if (setting.field().isEmpty()) {
                add(table, setting, setting.path());
            }
        }
        return table;
    }

    private static void add(FieldTable table, Setting setting, String name) {
        switch (setting.use()) {
            case HONOURED -> table.honoured(name);
            case NO_EFFECT -> table.noEffect(setting.text(), name);
            case IGNORED -> table.ignored(setting.text(), name);
            case REFUSED -> table.refused(setting.text(), name);
            case DEFAULT_ONLY -> throw new IllegalStateException(setting + " would need a list of its values");
        }
    }
}
