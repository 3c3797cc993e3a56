/*
 * Copyright The Jubelet Authors
 * SPDX-License-Identifier: Apache-2.0
 */
package io.jubelet.config;

import io.jubelet.document.FieldTable;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * A row of the {@linkplain SettingTable table of settings}: a flag of {@code jubelet run}, a field of KubeletConfiguration, or
 * a flag and the field that it stands for. Two rows are never equal. Immutable.
 */
public final class Setting {

    private final List<String> flags;
    private final Optional<String> field;
    private final ValueType type;
    private final Section section;
    private final FieldTable.Use use;
    private final Optional<String> defaultValue;
    private final String text;

    /**
     * @param flags the names of the flag, with dashes, the usual one last; empty where there is only a field
     * @param field the path of the field, with dots between names; empty where there is only a flag
     * @param defaultValue as a flag would have it; empty where there is none, or {@code text} describes it
     * @param text the help text of a setting that is honoured; otherwise why it has no effect, or is refused
     */
    Setting(
            List<String> flags,
            Optional<String> field,
            ValueType type,
            Section section,
            FieldTable.Use use,
            Optional<String> defaultValue,
            String text) {
        this.flags = flags;
        this.field = field;
        this.type = Objects.requireNonNull(type, "type");
        this.section = Objects.requireNonNull(section, "section");
        this.use = Objects.requireNonNull(use, "use");
        this.defaultValue = defaultValue;
        this.text = Objects.requireNonNull(text, "text");
    }

    /** The names of the flag, with dashes, the usual one last; empty where there is only a field. */
    public List<String> flags() {
        return flags;
    }

    /** Whether there is a flag. */
    public boolean hasFlag() {
        return !flags.isEmpty();
    }

    /** The path of the field, with dots between names; empty where there is only a flag. */
    public Optional<String> field() {
        return field;
    }

    /** What a value looks like. */
    public ValueType type() {
        return type;
    }

    /** The part of the configuration that the value goes to. */
    public Section section() {
        return section;
    }

    /** Whether the setting is honoured, has no effect here, or is refused. */
    public FieldTable.Use use() {
        return use;
    }

    /** The default as a flag would have it; empty where there is none, or {@link #text} describes it. */
    public Optional<String> defaultValue() {
        return defaultValue;
    }

    /** The help text of a setting that is honoured; otherwise why it has no effect, or is refused. */
    public String text() {
        return text;
    }

    /** The text with the default, in sentences. */
    public String help() {
        return defaultValue.isEmpty() ? text : text + " Default: " + defaultValue.get() + ".";
    }

    /** The name that messages use: the flag, or the field where there is no flag. */
    public String name() {
        return flags.isEmpty() ? field.orElseThrow() : flags.getLast();
    }

    /** The path by which a {@link io.jubelet.document.Finding} names this setting: the field, or the flag without one. */
    String path() {
        return field.isPresent() ? field.get() : flags.getLast();
    }

    @Override
    public String toString() {
        return name();
    }
}
